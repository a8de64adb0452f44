using System.Globalization;
using HdrHistogram;
using Trunkline.Bench.Results;

namespace Trunkline.Bench.Flows;

/// <summary>
/// <c>bench latency</c>: open loop at 5,000 messages a second through a durable flow, each measured from the time it was meant to be
/// sent until a reader of the output topic has it; beside two bare fsyncs, one after the other, on the same schedule in the same run.
/// </summary>
internal static class LatencyBench
{
    private const int PerSecond = 5000;

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        var seconds = options.SecondsAtLeast(5, smoke: 1.5);
        var (flows, bares) = (new List<LongHistogram>(), new List<LongHistogram>());
        // Not counted: in the first seconds of a process the runtime still compiles what it finds in use, 2 s of processor time by now.
        await BenchFolder.UseAsync(options, folder => FlowAsync(folder, seconds));
        for (var round = 0; round < options.Rounds; round++)
        {
            bares.Add(await BenchFolder.UseAsync(options, folder => Task.Run(() => Bare(folder, seconds))));
            flows.Add(await BenchFolder.UseAsync(options, folder => FlowAsync(folder, seconds)));
        }

        var flow = Middle(flows);
        var bare = Middle(bares);
        Row[] rows =
        [
            RowOf("two bare fsyncs", "write+fsync, twice", bare),
            RowOf("publish → flow → reader", "trunkline, C#", flow),
        ];
        var ratio = (double)flow.GetValueAtPercentile(99) / Math.Max(1, bare.GetValueAtPercentile(99));
        return new Report("latency", machine, TimeProvider.System.GetUtcNow(), rows, [new Goal("p99 of the flow / p99 of two bare fsyncs", ratio, 3, AtLeast: false)],
        [
            $"Open loop, {PerSecond} messages a second for {seconds:0} s, from the intended time of sending; the first second is left out. What was late to be sent counts as late. One round of the flow before those counted.",
            $"p99 over the rounds: bare {Range(bares)}, flow {Range(flows)}; the round with the middle p99 is shown.",
            "The bare side appends the bytes due at each tick to a file and syncs it, then the same to a second file: what a durable publish and a durable output cannot do without.",
        ]);
    }

    private static LongHistogram Bare(string folder, double seconds)
    {
        using var first = new FileStream(Path.Combine(folder, "a"), FileMode.Create, FileAccess.Write, FileShare.None, 0);
        using var second = new FileStream(Path.Combine(folder, "b"), FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var payload = FlowLoad.Payload(1);
        var total = (int)(PerSecond * seconds);
        var loop = new OpenLoop(PerSecond, total);
        for (var sent = 0; sent < total;)
        {
            var due = loop.Due;
            if (due == sent)
            {
                Pace.Pause();
                continue;
            }

            var bytes = new byte[payload.Length * (due - sent)];
            first.Write(bytes);
            first.Flush(flushToDisk: true);
            second.Write(bytes);
            second.Flush(flushToDisk: true);
            for (; sent < due; sent++)
            {
                loop.Arrived(sent);
            }
        }

        return loop.Times;
    }

    private static async Task<LongHistogram> FlowAsync(string folder, double seconds)
    {
        await using var flow = await TrunklineFlow.OpenAsync(folder, yaml: false);
        flow.Start();
        var total = (int)(PerSecond * seconds);
        var loop = new OpenLoop(PerSecond, total);
        var reading = Task.Run(() => loop.ReadAsync(flow.Broker, FlowLoad.Passing(total)));
        await loop.SendAsync(flow.Broker);
        await reading.WaitAsync(TimeSpan.FromMinutes(1));
        return loop.Times;
    }

    private static LongHistogram Middle(List<LongHistogram> rounds) => rounds.OrderBy(h => h.GetValueAtPercentile(99)).ElementAt(rounds.Count / 2);

    private static Row RowOf(string name, string who, LongHistogram middle) => new(
        name, who, "sync", PerSecond, PerSecond, PerSecond, middle.GetValueAtPercentile(50), middle.GetValueAtPercentile(99), null);

    private static string Range(List<LongHistogram> rounds) => string.Create(
        CultureInfo.InvariantCulture, $"{rounds.Min(h => h.GetValueAtPercentile(99)):N0} to {rounds.Max(h => h.GetValueAtPercentile(99)):N0} µs");
}
