using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Core.Security;
using Trunkline.Server.Sight.Logs;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Tests.Sight;

/// <summary>Log records of other services become lines: in both forms, within bounds, whatever they hold.</summary>
public sealed class OtlpLogTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_record_becomes_a_line_that_is_found_by_what_it_names()
    {
        var line = Assert.Single(Read(record => { }).Lines);
        Assert.Equal(
            new LogLine(Now.AddSeconds(-1), LogLevel.Error, "Shop.Pay", "card declined amount=12")
            {
                Service = "shop",
                Owner = "desk",
                Flow = "price",
                Message = "m1",
                KeyMark = KeyMark.Of("ada"),
                Trace = Trace,
            },
            line);
        Assert.True(new LogQuery { Owner = "desk", Service = "shop", Trace = Trace, Message = "m1", KeyMark = KeyMark.Of("ada"), Text = "DECLINED" }.Fits(line));
        Assert.False(new LogQuery { Owner = "other" }.Fits(line));
        Assert.False(new LogQuery { Service = KeptSpans.Service }.Fits(line));
        Assert.True(new LogQuery { Service = KeptSpans.Service }.Fits(line with { Service = null }));
    }

    [Theory]
    [InlineData(1, LogLevel.Debug)]
    [InlineData(8, LogLevel.Debug)]
    [InlineData(9, LogLevel.Information)]
    [InlineData(0, LogLevel.Information)]
    [InlineData(13, LogLevel.Warning)]
    [InlineData(17, LogLevel.Error)]
    [InlineData(24, LogLevel.Critical)]
    [InlineData(9999, LogLevel.Critical)]
    public void Levels_are_those_of_the_node(int severity, LogLevel level) => Assert.Equal(level, Read(r => r["severityNumber"] = severity).Lines.Single().Level);

    [Fact]
    public void A_time_that_cannot_be_is_when_it_came_and_the_observed_one_stands_in()
    {
        foreach (var told in new[] { Now.AddHours(1), Now.AddDays(-8), DateTimeOffset.UnixEpoch })
        {
            Assert.Equal(Now, Read(r => r["timeUnixNano"] = $"{TraceTime.Of(told)}").Lines.Single().At);
        }

        Assert.Equal(Now, Read(r => r["timeUnixNano"] = "18446744073709551615").Lines.Single().At);
        Assert.Equal(Now.AddMinutes(-5), Read(r => (r["timeUnixNano"], r["observedTimeUnixNano"]) = ("0", $"{TraceTime.Of(Now.AddMinutes(-5))}")).Lines.Single().At);
    }

    [Fact]
    public void Texts_are_one_line_bounded_and_steer_nothing_and_what_is_cut_is_told()
    {
        Assert.StartsWith("one ↵ two \ufffd[2J\ufffdabc", Read(r => r["body"] = Text("one\r\ntwo\t\u001b[2J\u202eabc")).Lines.Single().Text, StringComparison.Ordinal);
        var batch = Read(r =>
        {
            r["body"] = Text(new string('x', 100_000));
            r["attributes"] = new JsonArray([.. Enumerable.Range(0, 100).Select(n => (JsonNode)Pair($"a{n}", Text("v")))]);
        });
        Assert.Equal((LogLine.TextMax, 1, 100 - LogDraft.AttributesMax), (batch.Lines.Single().Text.Length, batch.Cut, batch.LeftOut));
        Assert.Contains("1 texts cut", batch.Remark(), StringComparison.Ordinal);
        Assert.Contains("68 attributes left out", batch.Remark(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bodies_with_structure_are_told_as_text_without_what_users_wrote()
    {
        var map = new JsonObject { ["kvlistValue"] = new JsonObject { ["values"] = new JsonArray(Pair("n", new JsonObject { ["intValue"] = "7" }), Pair("gen_ai.input.messages", Text("hidden-4711"))) } };
        var line = Read(r =>
        {
            r["body"] = map;
            r["attributes"] = new JsonArray(Pair("gen_ai.prompt", Text("hidden-4711")), Pair("http.request.header.cookie", Text("hidden-4711")), Pair("user", map.DeepClone()));
        }).Lines.Single();
        Assert.Equal("n=7 user=n=7", line.Text);
    }

    [Fact]
    public void Protobuf_says_the_same_and_bytes_that_are_none_are_told()
    {
        var whole = Protobuf();
        var batch = new LogBatch(Now);
        OtlpLogs.Read(whole, batch);
        Assert.Equal(Read(_ => { }).Lines.Single(), Assert.Single(batch.Lines));
        BrokenBytes.AreReadOrTold(whole, bytes => OtlpLogs.Read(bytes, new LogBatch(Now)));
    }

    [Fact]
    public void Too_many_records_of_one_request_are_refused_and_told()
    {
        var batch = new LogBatch(Now);
        for (var n = 0; n < LogBatch.LinesMax + 5; n++)
        {
            batch.Add(new LogDraft { Body = "x" }, new OtlpResource("shop", null), "");
        }

        Assert.Equal((LogBatch.LinesMax, 5), (batch.Lines.Count, batch.Refused));
        Assert.Contains("5 records refused", batch.Remark(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_others_push_out_none_of_the_nodes_own()
    {
        var book = new LogBook(new FakeTimeProvider(Now));
        var own = new LogLine(Now, LogLevel.Information, "Trunkline.Test", "own");
        book.Add(own);
        var many = Enumerable.Repeat(own with { Service = "shop", Text = new string('x', LogLine.TextMax) }, 4000).ToList();
        Assert.True(book.TryAdd(many));
        Assert.False(book.TryAdd(many));
        Assert.True(book.TryAdd([]));
        Assert.Equal("own", book.Take(1).Single().Text);
        Assert.Equal(4000, book.Take(10_000).Count);
        Assert.True(book.TryAdd(many));
    }

    private static LogBatch Read(Action<JsonObject> change)
    {
        var record = new JsonObject
        {
            ["timeUnixNano"] = $"{TraceTime.Of(Now.AddSeconds(-1))}",
            ["severityNumber"] = 17,
            ["body"] = Text("card declined"),
            ["traceId"] = Trace,
            ["attributes"] = new JsonArray(
                Pair("amount", new JsonObject { ["intValue"] = "12" }), Pair("messaging.message.id", Text("m1")), Pair("messaging.kafka.message.key", Text("ada")), Pair("trunkline.flow", Text("price"))),
        };
        change(record);
        var request = new JsonObject
        {
            ["resourceLogs"] = new JsonArray(new JsonObject
            {
                ["resource"] = new JsonObject { ["attributes"] = new JsonArray(Pair("service.name", Text("shop")), Pair("trunkline.owner", Text("desk"))) },
                ["scopeLogs"] = new JsonArray(new JsonObject { ["scope"] = new JsonObject { ["name"] = "Shop.Pay" }, ["logRecords"] = new JsonArray(record) }),
            }),
        };
        var batch = new LogBatch(Now);
        OtlpLogs.Read(Encoding.UTF8.GetBytes(request.ToJsonString()).AsMemory(), batch);
        return batch;
    }

    private static byte[] Protobuf()
    {
        byte[] record =
        [
            0x09, .. BitConverter.GetBytes(TraceTime.Of(Now.AddSeconds(-1))), 0x10, 17, .. Part(5, Part(1, "card declined"u8)), .. Part(9, Convert.FromHexString(Trace)),
            .. Part(6, [.. Part(1, "amount"u8), .. Part(2, [0x18, 12])]), .. Named(6, "messaging.message.id", "m1"), .. Named(6, "messaging.kafka.message.key", "ada"), .. Named(6, "trunkline.flow", "price"),
        ];
        return Part(1, [.. Part(2, [.. Part(2, record), .. Part(1, Part(1, "Shop.Pay"u8))]), .. Part(1, [.. Named(1, "service.name", "shop"), .. Named(1, "trunkline.owner", "desk")])]);
    }

    private static byte[] Named(int field, string name, string value) => Part(field, [.. Part(1, Encoding.UTF8.GetBytes(name)), .. Part(2, Part(1, Encoding.UTF8.GetBytes(value)))]);

    // Lengths take two bytes from 128 on.
    private static byte[] Part(int field, ReadOnlySpan<byte> value) =>
        [(byte)((field << 3) | 2), .. value.Length < 128 ? [(byte)value.Length] : new[] { (byte)((value.Length & 0x7f) | 0x80), (byte)(value.Length >> 7) }, .. value];

    private static JsonObject Text(string text) => new() { ["stringValue"] = text };

    private static JsonObject Pair(string name, JsonNode value) => new() { ["key"] = name, ["value"] = value };
}
