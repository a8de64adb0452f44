using System.Diagnostics;
using System.Globalization;
using Trunkline.Bench.Idle;
using Trunkline.Bench.Results;
using Trunkline.Brokers.Embedded;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Bench.Contracts;

/// <summary>A node whose registry holds 100,000 schemas: how long it takes to start beside one that holds none, and how fast it hands them out beside a bare Kestrel.</summary>
internal static class LargeRegistry
{
    private const int Schemas = 100_000;
    private const int PerSubject = 10;
    private const int PerAppend = 1000;
    private const int Connections = 16;
    private const string Case = "registry, GET by id";

    public static Task MeasureAsync(BenchOptions options, List<Row> rows, List<Goal> goals, List<string> notes) => BenchFolder.UseAsync(options, async folder =>
    {
        var filled = Path.Combine(folder, "filled");
        var held = options.Count(Schemas);
        await FillAsync(filled, held);
        var (empty, full) = (new List<(double Ms, double Cpu)>(), new List<(double Ms, double Cpu)>());
        var (bare, node) = (new List<Reads>(), new List<Reads>());
        for (var round = 0; round < options.Rounds; round++)
        {
            empty.Add(await StartAsync(options, null, _ => Task.CompletedTask));
            full.Add(await StartAsync(options, filled, async server =>
            {
                // The same size on both sides.
                var size = await SizeAsync(server, held);
                await using var peer = await MeasuredProcess.StartAsync(Path.Combine(AppContext.BaseDirectory, "Trunkline.Bench"), folder, BareWebApp.Argument, size.ToString(CultureInfo.InvariantCulture));
                foreach (var seconds in new[] { 0.5, options.Seconds })
                {
                    var (plain, schemas) = (await ReadAsync(peer, _ => "/", seconds), await ReadAsync(server, random => PathOf(random.Next(1, held + 1)), seconds));
                    if (seconds == options.Seconds)
                    {
                        bare.Add(plain);
                        node.Add(schemas);
                    }
                }
            }));
        }

        rows.AddRange([RowOf("bare Kestrel", bare), RowOf("trunkline", node)]);
        goals.Add(new("registry with 100,000 schemas: reads / bare Kestrel, same size", Median(node.Zip(bare, (a, b) => a.PerSecond / b.PerSecond)), 0.5));
        goals.Add(new("registry with 100,000 schemas: start / start with none", Median(full.Select(s => s.Ms)) / Median(empty.Select(s => s.Ms)), 2, AtLeast: false));
        notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"Registry: {held:N0} Avro schemas of {held / PerSubject:N0} subjects. Ready in {Median(full.Select(s => s.Ms)):0} ms ({Median(full.Select(s => s.Cpu)):0} ms of processor time), with none in {Median(empty.Select(s => s.Ms)):0} ms ({Median(empty.Select(s => s.Cpu)):0} ms). They lie in batches of {PerAppend:N0}, as a store that has rested keeps them. Reads are of random ids over {Connections} connections; the client runs on the same machine, cpu is the server's own."));
        return true;
    });

    private static async Task FillAsync(string store, int count)
    {
        await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = store }, CancellationToken.None);
        using var registry = await SchemaRegistry.OpenAsync(broker, CancellationToken.None);
        foreach (var chunk in Enumerable.Range(0, count).Chunk(PerAppend))
        {
            await registry.MarkAsync(() => [.. chunk.Select(Version)], CancellationToken.None);
        }
    }

    private static SchemaVersion Version(int number) => new()
    {
        Subject = string.Create(CultureInfo.InvariantCulture, $"topic-{number / PerSubject}-value"),
        Version = (number % PerSubject) + 1,
        Id = number + 1,
        Content = new SchemaContent
        {
            Type = SchemaTypes.Avro,
            Text = string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"type":"record","name":"Mail{{{number}}}","namespace":"com.example.mail","fields":[{"name":"id","type":"string"},{"name":"from","type":"string"},{"name":"to","type":{"type":"array","items":"string"}},{"name":"receivedAt","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"text","type":["null","string"],"default":null},{"name":"score{{{number % PerSubject}}}","type":"double","default":0}]}"""),
        },
    };

    private static Task<(double Ms, double Cpu)> StartAsync(BenchOptions options, string? store, Func<MeasuredProcess, Task> use) => BenchFolder.UseAsync(options, async folder =>
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "trunkline.yaml"), "topics: { in: {} }");
        if (store is not null)
        {
            Directory.CreateDirectory(Path.Combine(folder, ".trunkline"));
            using var copy = Process.Start("cp", ["-r", store, Path.Combine(folder, ".trunkline", "store")]);
            await copy.WaitForExitAsync();
        }

        await using var node = await MeasuredProcess.StartAsync(Path.Combine(AppContext.BaseDirectory, "trunkline"), folder, "run", "--json", "--listen", "http://127.0.0.1:0");
        var start = (node.Ready.TotalMilliseconds, node.Cpu.TotalMilliseconds);
        await use(node);
        return start;
    });

    private static async Task<int> SizeAsync(MeasuredProcess server, int id)
    {
        using var http = new HttpClient { BaseAddress = server.Url };
        return (await http.GetByteArrayAsync(PathOf(id))).Length;
    }

    private static string PathOf(int id) => string.Create(CultureInfo.InvariantCulture, $"/registry/schemas/ids/{id}");

    private static async Task<Reads> ReadAsync(MeasuredProcess server, Func<Random, string> path, double seconds)
    {
        using var http = new HttpClient { BaseAddress = server.Url };
        var (count, cpu, watch) = (0L, server.CpuNow(), Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            while (watch.Elapsed.TotalSeconds < seconds)
            {
                await http.GetByteArrayAsync(path(random));
                Interlocked.Increment(ref count);
            }
        })));
        return new(count / watch.Elapsed.TotalSeconds, (server.CpuNow() - cpu).TotalMicroseconds / count);
    }

    private static Row RowOf(string who, List<Reads> reads) =>
        new(Case, who, "none (in memory)", Median(reads.Select(one => one.PerSecond)), reads.Min(one => one.PerSecond), reads.Max(one => one.PerSecond), null, null, Median(reads.Select(one => one.Cpu)));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private readonly record struct Reads(double PerSecond, double Cpu);
}
