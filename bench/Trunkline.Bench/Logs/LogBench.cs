using Trunkline.Bench.Results;

namespace Trunkline.Bench.Logs;

/// <summary>
/// <c>bench log</c>: the embedded broker's appends beside a bare write+fsync of the same bytes and Redis Streams, all in one run, in turn; then
/// replay and, if asked for, a soak.
/// </summary>
internal static class LogBench
{
    private const string Sync = "sync (fsync before ack)";

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        var rows = new List<Row>();
        var goals = new List<Goal>();
        var notes = new List<string>
        {
            "The bare loop writes the payload bytes of all messages in flight and calls fsync: no ids, checksums, keys, readers or acknowledgements.",
            "'one call': all messages in flight in one append; 'callers': as many concurrent callers as messages, one message each.",
        };
        if (!RedisLog.IsInstalled)
        {
            notes.Add("redis-server is not installed: left out.");
        }

        foreach (var size in options.Wants("append") ? new[] { 256, 1024 } : [])
        {
            foreach (var inFlight in new[] { 1, 50, 500 })
            {
                await CompareAsync(options, size, inFlight, rows, goals);
            }
        }

        if (options.Wants("replay"))
        {
            await ReplayAsync(options, rows, goals);
        }

        if (options.SoakMinutes > 0)
        {
            await InFolderAsync(options, async folder =>
            {
                var (row, reached, note) = await SoakLog.RunAsync(folder, options.SoakMinutes);
                rows.Add(row);
                goals.AddRange(reached);
                notes.Add(note);
                return true;
            });
        }

        return new Report("log", machine, TimeProvider.System.GetUtcNow(), rows, goals, notes);
    }

    private static async Task CompareAsync(BenchOptions options, int size, int inFlight, List<Row> rows, List<Goal> goals)
    {
        var busy = inFlight == 500;
        var (bare, bareData, call, callers, redis) = (new List<Outcome>(), new List<Outcome>(), new List<Outcome>(), new List<Outcome>(), new List<Outcome>());
        for (var round = 0; round < options.Rounds; round++)
        {
            bare.Add(await InFolderAsync(options, f => Task.FromResult(BareLog.Run(f, size, inFlight, options.Seconds, dataOnly: false))));
            bareData.Add(await InFolderAsync(options, f => Task.FromResult(BareLog.Run(f, size, inFlight, options.Seconds, dataOnly: true))));
            call.Add(await InFolderAsync(options, f => BrokerLog.RunAsync(f, new BrokerLog.Load(size, inFlight, BrokerLog.Shape.OneCall, busy, options.Seconds))));
            if (inFlight > 1)
            {
                callers.Add(await InFolderAsync(options, f => BrokerLog.RunAsync(f, new BrokerLog.Load(size, inFlight, BrokerLog.Shape.Callers, busy, options.Seconds))));
            }

            if (RedisLog.IsInstalled)
            {
                redis.Add(await InFolderAsync(options, async f =>
                {
                    using var server = await RedisLog.StartAsync(f);
                    return server.Run(size, inFlight, options.Seconds);
                }));
            }
        }

        var name = $"append {size} B, {inFlight} in flight";
        var with = busy ? ", readers, retention" : "";
        rows.Add(Median(name, "bare write+fsync", Sync, bare));
        rows.Add(Median(name, "bare write+fdatasync", Sync, bareData));
        rows.Add(Median(name, "trunkline, one call" + with, Sync, call));
        AddIfAny(rows, name, "trunkline, callers" + with, callers);
        AddIfAny(rows, name, "Redis Streams, pipelined", redis);
        if (busy)
        {
            var best = Middle(call);
            var fastest = Math.Max(Middle(bare), Middle(bareData));
            goals.Add(new Goal($"{name}: one call / faster bare", best / fastest, 0.70));
            goals.Add(new Goal($"{name}: callers / faster bare", Middle(callers) / fastest, 0.70));
            if (redis.Count > 0)
            {
                goals.Add(new Goal($"{name}: one call / Redis", best / Middle(redis), 3));
                goals.Add(new Goal($"{name}: callers / Redis", Middle(callers) / Middle(redis), 3));
            }
        }
    }

    private static async Task ReplayAsync(BenchOptions options, List<Row> rows, List<Goal> goals)
    {
        var (bulk, trickled) = (new List<Outcome>(), new List<Outcome>());
        for (var round = 0; round < options.Rounds; round++)
        {
            bulk.Add(await InFolderAsync(options, f => ReplayLog.BulkAsync(f, 256, options.Count(1_000_000))));
            trickled.Add(await InFolderAsync(options, f => ReplayLog.TrickledAsync(f, 256, options.IsSmoke ? 1 : 10)));
        }

        var append = await InFolderAsync(options, f => BrokerLog.RunAsync(f, new BrokerLog.Load(256, 500, BrokerLog.Shape.OneCall, true, options.Seconds)));
        rows.Add(Median("replay 256 B, after a restart", "trunkline", "", bulk));
        rows.Add(Median("replay 256 B, trickled in at 5,000/s over 8 partitions", "trunkline", "", trickled));
        goals.Add(new Goal("replay / append (256 B, 500 in flight)", Middle(bulk) / append.PerSecond, 10));
        goals.Add(new Goal("replay of what trickled in / its 5,000 a second", Middle(trickled) / 5000, 10));
        goals.Add(new Goal("replay of what trickled in / append (256 B, 500 in flight)", Middle(trickled) / append.PerSecond, 10));
    }

    private static async Task<T> InFolderAsync<T>(BenchOptions options, Func<string, Task<T>> run)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Data, "trunkline-bench-" + Guid.NewGuid().ToString("N")[..8]));
        try
        {
            return await run(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void AddIfAny(List<Row> rows, string name, string who, List<Outcome> outcomes)
    {
        if (outcomes.Count > 0)
        {
            rows.Add(Median(name, who, Sync, outcomes));
        }
    }

    private static double Middle(List<Outcome> outcomes) => outcomes.Select(o => o.PerSecond).Order().ElementAt(outcomes.Count / 2);

    private static Row Median(string name, string who, string durability, List<Outcome> outcomes)
    {
        var sorted = outcomes.OrderBy(o => o.PerSecond).ToArray();
        var middle = sorted[sorted.Length / 2];
        return new Row(name, who, durability, middle.PerSecond, sorted[0].PerSecond, sorted[^1].PerSecond, middle.P50, middle.P99, middle.Cpu);
    }
}
