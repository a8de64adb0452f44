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
    private const int Lanes = 64;
    private const int Count = 20_000;
    private const int PerSecond = 2000;
    private const string Sync = "sync, atomic units";

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        await BenchFolder.UseAsync(options, folder => ThroughputAsync(folder, keyed: true, Count / 5));
        var (keyed, plain) = (new List<Outcome>(), new List<Outcome>());
        var (alone, stuck) = (new List<LongHistogram>(), new List<LongHistogram>());
        for (var round = 0; round < options.Rounds; round++)
        {
            plain.Add(await BenchFolder.UseAsync(options, folder => ThroughputAsync(folder, keyed: false, Count)));
            keyed.Add(await BenchFolder.UseAsync(options, folder => ThroughputAsync(folder, keyed: true, Count)));
            alone.Add(await BenchFolder.UseAsync(options, folder => LatencyAsync(folder, options.Seconds, isStuck: false)));
            stuck.Add(await BenchFolder.UseAsync(options, folder => LatencyAsync(folder, options.Seconds, isStuck: true)));
        }

        var (withOrder, without) = (Middle(keyed), Middle(plain));
        var (others, all) = (Middle(stuck), Middle(alone));
        Row[] rows = [RowOf("no keys, no order", plain, without), RowOf("1,000 keys, order of each kept", keyed, withOrder), RowOf("no key stuck", all), RowOf("one key stuck: the others", others)];
        Goal[] goals =
        [
            new("rate with order / without", withOrder.PerSecond / without.PerSecond, 0.9),
            new("p99 of the others with a stuck key / with none", (double)others.GetValueAtPercentile(99) / Math.Max(1, all.GetValueAtPercentile(99)), 1.1, AtLeast: false),
        ];
        return new Report("order", machine, TimeProvider.System.GetUtcNow(), rows, goals,
        [
            string.Create(CultureInfo.InvariantCulture, $"topic → a handler that waits 0 to 5 ms → topic, {Lanes} lanes, 4 partitions, 1,000 keys in turn; {Count:N0} messages stored before the clock starts."),
            string.Create(CultureInfo.InvariantCulture, $"stuck: open loop at {PerSecond:N0} a second for {Math.Max(options.Seconds, 5):0} s; the handler of one key's first message never ends, its later messages wait; times are of all other keys, from when each was meant to be sent until a reader of the output has it."),
            "A wait ends at the kernel's tick or later, on all sides alike.",
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
        var total = (int)(PerSecond * Math.Max(seconds, 5));
        await using var flow = await TrunklineFlow.OpenAsync(folder, new WaitingFlow(isStuck ? end.Token : null), Lanes);
        flow.Start();
        var loop = new OpenLoop(PerSecond, total);
        var reading = Task.Run(() => loop.ReadAsync(flow.Broker, isStuck ? total - (total / FlowLoad.Keys) : total));
        await loop.SendAsync(flow.Broker);
        await reading.WaitAsync(TimeSpan.FromMinutes(1));
        await end.CancelAsync();
        return loop.Times;
    }

    private static Outcome Middle(List<Outcome> rounds) => rounds.OrderBy(o => o.PerSecond).ElementAt(rounds.Count / 2);

    private static LongHistogram Middle(List<LongHistogram> rounds) => rounds.OrderBy(h => h.GetValueAtPercentile(99)).ElementAt(rounds.Count / 2);

    private static Row RowOf(string name, List<Outcome> rounds, Outcome middle) =>
        new(name, "trunkline, C#", Sync, middle.PerSecond, rounds.Min(o => o.PerSecond), rounds.Max(o => o.PerSecond), null, null, rounds.Min(o => o.Cpu));

    private static Row RowOf(string name, LongHistogram middle) =>
        new(name, "trunkline, C#", Sync, PerSecond, PerSecond, PerSecond, middle.GetValueAtPercentile(50), middle.GetValueAtPercentile(99), null);

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
