using System.Globalization;
using System.Text.Json.Nodes;
using HdrHistogram;
using Trunkline.Bench.Logs;
using Trunkline.Bench.Results;
using Trunkline.Server.Flows.Code;

namespace Trunkline.Bench.Flows;

/// <summary>
/// <c>bench order</c>: what keeping the order of each key costs, beside the same messages without keys; and what one key whose handler never
/// ends adds to the others.
/// </summary>
internal static class OrderBench
{
    // The default: the rate is bounded by the waits, not by the processor, which others may use.
    private const int Lanes = 16;
    private const int LanesWhileStuck = 64;
    private const int Count = 15_000;
    private const int PerSecond = 1000;
    private const string Sync = "sync, atomic units";

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        var seconds = options.SecondsAtLeast(5, smoke: 1.5);
        await BenchFolder.UseAsync(options, folder => ThroughputAsync(folder, keyed: true, options.Count(Count / 5)));
        var (keyed, plain) = (new List<Outcome>(), new List<Outcome>());
        var (alone, stuck) = (new List<LongHistogram>(), new List<LongHistogram>());
        for (var round = 0; round < options.Rounds; round++)
        {
            plain.Add(await BenchFolder.UseAsync(options, folder => ThroughputAsync(folder, keyed: false, options.Count(Count))));
            keyed.Add(await BenchFolder.UseAsync(options, folder => ThroughputAsync(folder, keyed: true, options.Count(Count))));
            alone.Add(await BenchFolder.UseAsync(options, folder => LatencyAsync(folder, seconds, isStuck: false)));
            stuck.Add(await BenchFolder.UseAsync(options, folder => LatencyAsync(folder, seconds, isStuck: true)));
        }

        var (withOrder, without) = (Best(keyed), Best(plain));
        var (others, all) = (Best(stuck), Best(alone));
        Row[] rows = [RowOf("no keys, no order", plain, without), RowOf("1,000 keys, order of each kept", keyed, withOrder), RowOf("no key stuck", all), RowOf("one key stuck: the others", others)];
        Goal[] goals =
        [
            new("rate with order / without", withOrder.PerSecond / without.PerSecond, 0.9),
            new("p99 of the others with a stuck key / with none", (double)others.GetValueAtPercentile(99) / Math.Max(1, all.GetValueAtPercentile(99)), 1.1, AtLeast: false),
        ];
        return new Report("order", machine, TimeProvider.System.GetUtcNow(), rows, goals,
        [
            string.Create(CultureInfo.InvariantCulture, $"topic → a handler that waits 0 to 5 ms → topic, {Lanes} lanes, 4 partitions, 1,000 keys in turn; {Count:N0} messages stored before the clock starts."),
            string.Create(CultureInfo.InvariantCulture, $"stuck: {LanesWhileStuck} lanes, of which the stuck message keeps one; open loop at {PerSecond:N0} a second for {seconds:0} s; the handler of one key's first message never ends, its later messages wait; times are of all other keys, from when each was meant to be sent until a reader of the output has it."),
            "The best round of each side counts: what else runs on the machine only ever adds to a time. A wait ends at the kernel's tick or later, on all sides alike.",
        ]);
    }

    private static async Task<Outcome> ThroughputAsync(string folder, bool keyed, int count)
    {
        await using var flow = await TrunklineFlow.OpenAsync(folder, new WaitingFlow(null), Lanes);
        await flow.PublishAsync(0, count, keyed);
        return await flow.MeasureAsync(count, () => Task.CompletedTask, passing: count);
    }

    private static async Task<LongHistogram> LatencyAsync(string folder, double seconds, bool isStuck)
    {
        using var end = new CancellationTokenSource();
        var total = (int)(PerSecond * seconds);
        await using var flow = await TrunklineFlow.OpenAsync(folder, new WaitingFlow(isStuck ? end.Token : null), LanesWhileStuck);
        flow.Start();
        var loop = new OpenLoop(PerSecond, total);
        var reading = Task.Run(() => loop.ReadAsync(flow.Broker, isStuck ? total - ((total + FlowLoad.Keys - 1) / FlowLoad.Keys) : total));
        await loop.SendAsync(flow.Broker);
        await reading.WaitAsync(TimeSpan.FromMinutes(1));
        await end.CancelAsync();
        return loop.Times;
    }

    private static Outcome Best(List<Outcome> rounds) => rounds.MaxBy(o => o.PerSecond)!;

    private static LongHistogram Best(List<LongHistogram> rounds) => rounds.MinBy(h => h.GetValueAtPercentile(99))!;

    private static Row RowOf(string name, List<Outcome> rounds, Outcome best) =>
        new(name, "trunkline, C#", Sync, best.PerSecond, rounds.Min(o => o.PerSecond), rounds.Max(o => o.PerSecond), null, null, rounds.Min(o => o.Cpu));

    private static Row RowOf(string name, LongHistogram best) =>
        new(name, "trunkline, C#", Sync, PerSecond, PerSecond, PerSecond, best.GetValueAtPercentile(50), best.GetValueAtPercentile(99), null);

    /// <summary>Waits 0 to 5 ms by the message's number; the first key for ever, if there is what ends it.</summary>
    private sealed class WaitingFlow(CancellationToken? stuck) : Flow<JsonObject>
    {
        private const int StepsOfWait = 6;

        public override void Configure(FlowBuilder flow) => flow.Named("bench").FromTopic("in").ToTopic("out");

        public override async ValueTask HandleAsync(FlowMessage<JsonObject> message, FlowOutput output, CancellationToken cancellationToken)
        {
            var number = (int)message.Body["id"]!;
            if (stuck is { } end && number % FlowLoad.Keys == 0)
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(end, cancellationToken);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token);
            }

            // Neither in step with the keys nor with the partitions.
            await Task.Delay(TimeSpan.FromMilliseconds(number / 7 % StepsOfWait), TimeProvider.System, cancellationToken);
            output.Send("out", message.Body);
        }
    }
}
