using Trunkline.Bench.Logs;
using Trunkline.Bench.Results;

namespace Trunkline.Bench.Flows;

/// <summary><c>bench flow</c>: a durable flow beside the same handler on in-memory buses, in turn, in one run.</summary>
internal static class FlowBench
{
    private const string CSharp = "trunkline, C#";
    private const string WithoutOutcomes = "trunkline, C#, without outcomes";
    private const string Sync = "sync, atomic units";
    private const string Memory = "none (in memory)";

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        var sides = new (string Case, string Who, string Durability, int Count, Func<string, int, Task<Outcome>> Run)[]
        {
            ("preloaded", "trunkline, YAML expressions", Sync, 200_000, (folder, count) => TrunklineFlow.PreloadedAsync(folder, true, count)),
            ("preloaded", CSharp, Sync, 300_000, (folder, count) => TrunklineFlow.PreloadedAsync(folder, false, count)),
            ("preloaded", WithoutOutcomes, Sync, 300_000, (folder, count) => TrunklineFlow.PreloadedAsync(folder, false, count, outcomes: false)),
            ("live", "trunkline, YAML expressions", Sync, 200_000, (folder, count) => TrunklineFlow.LiveAsync(folder, true, count)),
            ("live", CSharp, Sync, 300_000, (folder, count) => TrunklineFlow.LiveAsync(folder, false, count)),
            ("live", "WolverineFx 6.62, local queues", Memory, 100_000, (_, count) => InMemoryPeers.WolverineAsync(count)),
            ("live", "Rebus 8.9, in memory", Memory, 100_000, (_, count) => InMemoryPeers.RebusAsync(count)),
            ("live", "MassTransit 8.5, in memory", Memory, 50_000, (_, count) => InMemoryPeers.MassTransitAsync(count)),
        };
        var wanted = sides.Where(s => options.Part is null || s.Who.Contains(options.Part, StringComparison.OrdinalIgnoreCase)).ToArray();
        var outcomes = wanted.ToDictionary(s => (s.Case, s.Who), _ => new List<Outcome>());
        foreach (var side in wanted)
        {
            // Compiled and tiered up before anything counts, on every side alike: after a fifth of a round the next one still was a third slower.
            await BenchFolder.UseAsync(options, folder => side.Run(folder, options.Count(side.Count)));
        }

        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var side in wanted)
            {
                outcomes[(side.Case, side.Who)].Add(await BenchFolder.UseAsync(options, folder => side.Run(folder, options.Count(side.Count))));
            }
        }

        var rows = wanted.Select(s => Median(s.Case, s.Who, s.Durability, outcomes[(s.Case, s.Who)])).ToArray();
        return new Report("flow", machine, TimeProvider.System.GetUtcNow(), rows, [.. Goals(rows)],
        [
            "topic → map → filter → topic, JSON of about 300 B, 1,000 keys, 4 partitions, one of ten filtered; the same handler on every side.",
            "Trunkline is durable (every unit synced before it counts), keeps the order of each key, and commits outputs and positions as one; it batches, which is where its speed comes from. The buses keep everything in memory, lose it at a crash and keep no order of a key here.",
            "cpu µs/msg is the least of the rounds: what else runs on the machine only ever adds to it.",
            "without outcomes: the same flow that does not write down what became of each message; the difference is what that costs.",
            "preloaded: all input stored before the clock starts; live: published while the flow runs from payloads that lie ready, in batches of 500, four of them under way at a time (Trunkline, whose publisher waits until they are durable), or one by one (the buses have no batch call, and let their publisher go on at once).",
        ]);
    }

    private static IEnumerable<Goal> Goals(Row[] rows)
    {
        if (rows.FirstOrDefault(r => r.Who == WithoutOutcomes) is { Cpu: { } without } && rows.First(r => r.Who == CSharp && r.Case == "preloaded").Cpu is { } with)
        {
            yield return new Goal("processor time of the C# flow with outcomes / without, preloaded", with / without, 1.15, AtLeast: false);
        }

        var peers = rows.Where(r => r.Durability == Memory).ToArray();
        if (peers.Length == 0)
        {
            yield break;
        }

        var best = peers.MaxBy(r => r.PerSecond)!;
        foreach (var row in rows.Where(r => r.Durability == Sync && r.Who != WithoutOutcomes))
        {
            yield return new Goal($"{row.Who}, {row.Case} / {best.Who}", row.PerSecond / best.PerSecond, 2);
        }
    }

    private static Row Median(string name, string who, string durability, List<Outcome> outcomes)
    {
        var sorted = outcomes.OrderBy(o => o.PerSecond).ToArray();
        var middle = sorted[sorted.Length / 2];
        return new Row(name, who, durability, middle.PerSecond, sorted[0].PerSecond, sorted[^1].PerSecond, null, null, sorted.Min(o => o.Cpu));
    }
}
