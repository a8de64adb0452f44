using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Avro.Generic;
using Avro.IO;
using Trunkline.Bench.Results;
using Trunkline.Server.Schemas.Avro;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Bench.Contracts;

/// <summary>What it costs to hold a message to its schema: beside parsing it, beside NJsonSchema, beside Apache.Avro's reader. One thread.</summary>
internal static class ContractBench
{
    private const string None = "none (in memory)";

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        var (rows, goals, notes) = (new List<Row>(), new List<Goal>(), new List<string>());
        if (options.Wants("formats"))
        {
            Formats(options, rows, goals, notes);
        }

        if (options.Wants("flow"))
        {
            await CheckedFlow.MeasureAsync(options, rows, goals, notes);
        }

        if (options.Wants("registry"))
        {
            await LargeRegistry.MeasureAsync(options, rows, goals, notes);
        }

        return new Report("contracts", machine, TimeProvider.System.GetUtcNow(), rows, goals, notes);
    }

    private static void Formats(BenchOptions options, List<Row> rows, List<Goal> goals, List<string> notes)
    {
        foreach (var (name, fields) in new[] { ("JSON, 300 B", 8), ("JSON, 1 KB, 40 fields", 40) })
        {
            var (schema, document) = Json(fields);
            var compiled = JsonSchema.Read(Encoding.UTF8.GetBytes(schema), new JsonSchemaOptions(), out _)!;
            var peer = NJsonSchema.JsonSchema.FromJsonAsync(schema).Result;
            var text = Encoding.UTF8.GetString(document);
            var measured = Rounds(options, name, [
                ("trunkline, verdict", () => Verdict(compiled, document)),
                ("JsonDocument.Parse", () => Parse(document)),
                ("NJsonSchema 11.6", () => peer.Validate(text).Count == 0),
            ]);
            rows.AddRange(measured);
            goals.Add(new($"{name}: cost of the verdict / JsonDocument.Parse", measured[1].PerSecond / measured[0].PerSecond, 2, AtLeast: false));
            goals.Add(new($"{name}: trunkline / NJsonSchema 11.6", measured[0].PerSecond / measured[2].PerSecond, 10));
        }

        AvroRows(options, rows, goals);
        notes.Add("Formats: one thread; every document fits. NJsonSchema parses the text with Newtonsoft.Json, which is part of what it takes. Apache.Avro makes objects, the walk makes none: it checks what a reader would need.");
    }

    private static void AvroRows(BenchOptions options, List<Row> rows, List<Goal> goals)
    {
        const string Text = """
            {"type":"record","name":"Mail","fields":[{"name":"id","type":"string"},{"name":"size","type":"int"},{"name":"from","type":{"type":"record","name":"Person","fields":[
             {"name":"name","type":"string"},{"name":"address","type":"string"}]}},{"name":"kind","type":{"type":"enum","name":"Kind","symbols":["A","B","C"]}},
             {"name":"scores","type":{"type":"array","items":"double"}},{"name":"headers","type":{"type":"map","values":"string"}},{"name":"text","type":["null","string"]}]}
            """;
        var schema = AvroReading.Read(Encoding.UTF8.GetBytes(Text), [], out _)!;
        var peerSchema = (global::Avro.RecordSchema)global::Avro.Schema.Parse(Text);
        var data = AvroData(peerSchema);
        var reader = new GenericDatumReader<GenericRecord>(peerSchema, peerSchema);
        using var stream = new MemoryStream(data);
        var decoder = new BinaryDecoder(stream);
        var measured = Rounds(options, string.Create(CultureInfo.InvariantCulture, $"Avro, {data.Length} B"), [
            ("trunkline, walk", () => AvroWalk.Check(schema, data) is null),
            ("Apache.Avro 1.12, GenericDatumReader", () =>
            {
                stream.Position = 0;
                return reader.Read(null!, decoder) is not null;
            }),
        ]);
        rows.AddRange(measured);
        goals.Add(new("Avro: trunkline's walk / Apache.Avro's reader", measured[0].PerSecond / measured[1].PerSecond, 4));
    }

    private static byte[] AvroData(global::Avro.RecordSchema schema)
    {
        var person = new GenericRecord((global::Avro.RecordSchema)schema["from"].Schema);
        person.Add("name", "Ada Example");
        person.Add("address", "ada@example.com");
        var mail = new GenericRecord(schema);
        mail.Add("id", "3f0c2a52-9a2b-4b53-8a51-000000000001");
        mail.Add("size", 4711);
        mail.Add("from", person);
        mail.Add("kind", new GenericEnum((global::Avro.EnumSchema)schema["kind"].Schema, "B"));
        mail.Add("scores", new object[] { 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8 });
        mail.Add("headers", new Dictionary<string, object> { ["list-id"] = "support.example.com", ["priority"] = "high", ["trace"] = "00-abc" });
        mail.Add("text", "Where is my order? I have waited for two weeks now.");
        using var stream = new MemoryStream();
        new GenericDatumWriter<GenericRecord>(schema).Write(mail, new BinaryEncoder(stream));
        return stream.ToArray();
    }

    private static bool Verdict(JsonSchema schema, byte[] document)
    {
        using var index = JsonIndex.Parse(document, out _);
        return schema.Fits(index!);
    }

    private static bool Parse(byte[] document)
    {
        using var parsed = JsonDocument.Parse(document);
        return parsed.RootElement.ValueKind == JsonValueKind.Object;
    }

    private static (string Schema, byte[] Document) Json(int fields)
    {
        var (properties, values) = (new List<string>(), new List<string>());
        for (var i = 0; i < fields; i++)
        {
            var (type, value) = (i % 5) switch
            {
                0 => ("\"type\":\"string\",\"maxLength\":100", "\"some words of text\""),
                1 => ("\"type\":\"integer\",\"minimum\":0", "123456"),
                2 => ("\"type\":\"boolean\"", "true"),
                3 => ("\"enum\":[\"new\",\"open\",\"closed\"]", "\"open\""),
                _ => ("\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"number\"},\"b\":{\"type\":\"string\"}}", "{\"a\":1.5,\"b\":\"x\"}"),
            };
            properties.Add(string.Create(CultureInfo.InvariantCulture, $"\"field{i}\":{{{type}}}"));
            values.Add(string.Create(CultureInfo.InvariantCulture, $"\"field{i}\":{value}"));
        }

        var required = string.Join(',', Enumerable.Range(0, fields).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"field{i}\"")));
        var schema = "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" + required + "],\"properties\":{" + string.Join(',', properties) + "}}";
        return (schema, Encoding.UTF8.GetBytes("{" + string.Join(',', values) + "}"));
    }

    /// <summary>Every way in turn, round by round, so that what else the machine does hits all alike.</summary>
    private static List<Row> Rounds(BenchOptions options, string name, (string Who, Func<bool> Work)[] ways)
    {
        var rates = ways.Select(_ => new List<double>()).ToArray();
        var costs = ways.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < options.Rounds; round++)
        {
            for (var way = 0; way < ways.Length; way++)
            {
                var (rate, cost) = Measure(ways[way].Work, round < 0 ? Math.Min(0.3, options.Seconds) : options.Seconds);
                if (round >= 0)
                {
                    rates[way].Add(rate);
                    costs[way].Add(cost);
                }
            }
        }

        return [.. ways.Select((way, i) => new Row(name, way.Who, None, Median(rates[i]), rates[i].Min(), rates[i].Max(), null, null, Median(costs[i])))];
    }

    private static (double PerSecond, double Cpu) Measure(Func<bool> work, double seconds)
    {
        const int Batch = 100;
        using var process = Process.GetCurrentProcess();
        var (count, before, watch) = (0L, process.TotalProcessorTime, Stopwatch.StartNew());
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            for (var i = 0; i < Batch; i++)
            {
                if (!work())
                {
                    throw new InvalidOperationException("A document of the bench does not fit its schema.");
                }
            }

            count += Batch;
        }

        process.Refresh();
        return (count / watch.Elapsed.TotalSeconds, (process.TotalProcessorTime - before).TotalMicroseconds / count);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
