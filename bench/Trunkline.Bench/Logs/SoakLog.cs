using Trunkline.Bench.Results;

namespace Trunkline.Bench.Logs;

/// <summary>Minutes under load with readers and retention: does the rate hold, and how much is written per byte stored?</summary>
internal static class SoakLog
{
    private const int Size = 1024;
    private const int InFlight = 500;

    public static async Task<(Row Row, Goal[] Goals, string Note)> RunAsync(string folder, double minutes)
    {
        var slices = new List<Outcome>();
        var written = Machine.BytesWritten();
        var count = Math.Max(4, (int)(minutes * 6));
        await BrokerLog.SoakAsync(folder, new BrokerLog.Load(Size, InFlight, BrokerLog.Shape.OneCall, true, minutes * 60 / count), count, slices.Add);
        written = Machine.BytesWritten() - written;
        var messages = slices.Sum(s => s.Messages);
        var quarter = Math.Max(1, count / 4);
        var first = slices.Take(quarter).Average(s => s.PerSecond);
        var last = slices.TakeLast(quarter).Average(s => s.PerSecond);
        var rates = slices.Select(s => s.PerSecond).Order().ToArray();
        var row = new Row($"soak {minutes:0.#} min, {Size} B, {InFlight} in flight, readers, retention", "trunkline", "sync", rates[rates.Length / 2], rates[0], rates[^1], null, null, slices.Average(s => s.Cpu));
        return (row,
            [new Goal("soak: last quarter / first quarter", last / first, 0.8), new Goal("soak: bytes written / payload bytes stored", (double)written / (messages * Size), 2.5, AtLeast: false)],
            FormattableString.Invariant($"Soak: {messages:N0} messages, {written / 1e6:N0} MB written by the process for {messages * Size / 1e6:N0} MB of payload."));
    }
}
