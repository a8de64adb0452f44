using System.Diagnostics;
using Trunkline.Brokers.Embedded;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Bench.Logs;

/// <summary>Reads a stored topic from its start to its end for a second at least, after a restart, so that nothing of it is in the broker's memory.</summary>
internal static class ReplayLog
{
    private const string Topic = "bench";

    // What trickled in for seconds is read in a few milliseconds, which says more of the compiler than of the store: it is read again and again.
    private static readonly TimeSpan ReadFor = TimeSpan.FromSeconds(1);

    /// <summary>Stored in large appends.</summary>
    public static Task<Outcome> BulkAsync(string folder, int size, int count) => RunAsync(folder, 4, async broker =>
    {
        var messages = BrokerLog.Messages(500, size);
        for (var i = 0; i < count; i += messages.Length)
        {
            await broker.AppendAsync(new TopicAppend { Topic = Topic, Messages = messages }, CancellationToken.None);
        }
    });

    /// <summary>Trickled in, one message a call, 5,000 a second over 8 partitions.</summary>
    public static Task<Outcome> TrickledAsync(string folder, int size, double seconds) => RunAsync(folder, 8, async broker =>
    {
        var message = BrokerLog.Messages(1, size);
        var start = Stopwatch.GetTimestamp();
        var pending = new List<Task>();
        for (var sent = 0; sent < 5000 * seconds;)
        {
            for (; sent < Stopwatch.GetElapsedTime(start).TotalSeconds * 5000; sent++)
            {
                pending.Add(broker.AppendAsync(new TopicAppend { Topic = Topic, Messages = message }, CancellationToken.None).AsTask());
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            pending.RemoveAll(p => p.IsCompletedSuccessfully);
        }

        await Task.WhenAll(pending);
    });

    private static async Task<Outcome> RunAsync(string folder, int partitions, Func<EmbeddedBroker, Task> fill)
    {
        var options = new EmbeddedBrokerOptions { Directory = Path.Combine(folder, "store") };
        await using (var broker = await EmbeddedBroker.OpenAsync(options, CancellationToken.None))
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = Topic, Partitions = partitions }, CancellationToken.None);
            await fill(broker);
        }

        await using var again = await EmbeddedBroker.OpenAsync(options, CancellationToken.None);
        var measure = new Measure(double.MaxValue);
        var start = Stopwatch.GetTimestamp();
        do
        {
            await Task.WhenAll(Enumerable.Range(0, partitions).Select(p => Task.Run(() => ReadAsync(again, p, measure))));
        }
        while (Stopwatch.GetElapsedTime(start) < ReadFor);
        return measure.End();
    }

    private static async Task ReadAsync(EmbeddedBroker broker, int partition, Measure measure)
    {
        long next = 0;
        while (await broker.ReadAsync(new ReadRequest(Topic, partition, next, 10_000), CancellationToken.None) is { Count: > 0 } page)
        {
            measure.Acknowledged(page.Count, Stopwatch.GetTimestamp());
            next = page[^1].Position.Offset + 1;
        }
    }
}
