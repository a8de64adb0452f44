using System.Diagnostics;
using System.Globalization;
using Trunkline.Bench.Idle;
using Trunkline.Bench.Results;

namespace Trunkline.Bench.Recovery;

/// <summary>
/// <c>bench recovery</c>: how long a node takes to be ready on a store that was killed with ten million messages in it, against one that
/// starts on nothing; in turn, in one run. Each start gets a copy of the killed store, since the first mends it.
/// </summary>
internal static class RecoveryBench
{
    private const int Full = 10_000_000;

    private static readonly string Project = $$"""
        topics: { filled: { partitions: {{FilledStore.Partitions}}, durability: none } }
        """;

    public static Task<Report> RunAsync(BenchOptions options) => BenchFolder.UseAsync(options, async folder =>
    {
        var (killed, messages) = (Path.Combine(folder, "killed"), options.Count(Full));
        var stored = await FillAndKillAsync(killed, messages);
        var (empty, full) = (new List<(double Ms, double Cpu)>(), new List<(double Ms, double Cpu)>());
        for (var round = 0; round < options.Rounds; round++)
        {
            empty.Add(await StartAsync(options, null));
            full.Add(await StartAsync(options, killed));
        }

        var (a, b) = (Median(full.Select(s => s.Ms)), Median(empty.Select(s => s.Ms)));
        return new Report("recovery", Machine.Describe(), TimeProvider.System.GetUtcNow(), [],
            [new Goal($"start after a kill with {messages:N0} messages stored / start on an empty store", a / b, 2, AtLeast: false)],
            [
                string.Create(CultureInfo.InvariantCulture, $"ready after a kill in {a:0} ms ({full.Min(s => s.Ms):0} to {full.Max(s => s.Ms):0}), on an empty store in {b:0} ms ({empty.Min(s => s.Ms):0} to {empty.Max(s => s.Ms):0}), medians of {full.Count}"),
                string.Create(CultureInfo.InvariantCulture, $"processor time until then: {Median(full.Select(s => s.Cpu)):0} ms and {Median(empty.Select(s => s.Cpu)):0} ms"),
                string.Create(CultureInfo.InvariantCulture, $"the killed store holds {messages:N0} messages of {FilledStore.PayloadBytes} bytes and what came after, {stored / 1e6:N0} MB on disk, of which {LogBytes(killed) / 1e6:N0} MB of log are replayed at each start"),
                "A start is the whole process, from its beginning to the line that says it is ready.",
            ]);
    });

    private static async Task<long> FillAndKillAsync(string folder, int messages)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Trunkline.Bench"), [FilledStore.Argument, folder, messages.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        };
        using var child = Process.Start(start)!;
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == FilledStore.Full)
            {
                child.Kill(); // while it goes on appending
            }
        }

        await child.WaitForExitAsync();
        return Directory.GetFiles(folder).Sum(file => new FileInfo(file).Length);
    }

    private static Task<(double Ms, double Cpu)> StartAsync(BenchOptions options, string? killed) => BenchFolder.UseAsync(options, async folder =>
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "trunkline.yaml"), Project);
        if (killed is not null)
        {
            Directory.CreateDirectory(Path.Combine(folder, ".trunkline"));
            using var copy = Process.Start("cp", ["-r", killed, Path.Combine(folder, ".trunkline", "store")]);
            await copy.WaitForExitAsync();
            if (copy.ExitCode != 0)
            {
                throw new InvalidOperationException("The killed store could not be copied.");
            }
        }

        await using var node = await MeasuredProcess.StartAsync(Path.Combine(AppContext.BaseDirectory, "trunkline"), folder, "run", "--json", "--listen", "http://127.0.0.1:0");
        return (node.Ready.TotalMilliseconds, node.Cpu.TotalMilliseconds);
    });

    private static long LogBytes(string folder) => Directory.GetFiles(folder, "*.log").Sum(file => new FileInfo(file).Length);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
