using System.Diagnostics;
using Trunkline.Brokers.Embedded;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Bench.Logs;

/// <summary>The embedded broker under load.</summary>
internal static class BrokerLog
{
    private const string Topic = "bench";
    private const int Partitions = 4;
    private const long RetentionBytes = 64L * 1024 * 1024;

    /// <summary>How what is in flight is asked for.</summary>
    internal enum Shape
    {
        /// <summary>One call with all messages: what a pipelined producer or a commit unit does.</summary>
        OneCall,

        /// <summary>As many callers as messages, each with one message.</summary>
        Callers,
    }

    /// <summary>A run on a new store; with readers and retention, a group reads all and old batches are removed meanwhile.</summary>
    public static async Task<Outcome> RunAsync(string folder, Load load)
    {
        Outcome? last = null;
        await SoakAsync(folder, load, 1, o => last = o);
        return last!;
    }

    /// <summary>Several runs on the same store, one after the other.</summary>
    public static async Task SoakAsync(string folder, Load load, int runs, Action<Outcome> told)
    {
        await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = Path.Combine(folder, "store") }, CancellationToken.None);
        await broker.CreateTopicAsync(new TopicSettings { Name = Topic, Partitions = Partitions, RetentionBytes = load.Busy ? RetentionBytes : null }, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var beside = load.Busy ? Task.WhenAll(ReadAsync(broker, stop.Token), RetainAsync(broker, stop.Token)) : Task.CompletedTask;
        var calls = load.Shape == Shape.OneCall ? 1 : load.InFlight;
        var each = load.InFlight / calls;
        for (var run = 0; run < runs; run++)
        {
            var measure = new Measure(load.Seconds);
            await Task.WhenAll(Enumerable.Range(0, calls).Select(_ => Task.Run(() => AppendAsync(broker, Messages(each, load.Size), measure))));
            told(measure.End());
        }

        await stop.CancelAsync();
        await beside;
    }

    public static Message[] Messages(int count, int size)
    {
        var payload = new byte[size];
        Random.Shared.NextBytes(payload);
        return [.. Enumerable.Range(0, count).Select(_ => new Message { Payload = payload, Source = "bench", ContentType = "application/octet-stream" })];
    }

    private static async Task AppendAsync(EmbeddedBroker broker, Message[] messages, Measure measure)
    {
        var append = new TopicAppend { Topic = Topic, Messages = messages };
        while (measure.Runs)
        {
            var since = Stopwatch.GetTimestamp();
            await broker.AppendAsync(append, CancellationToken.None);
            measure.Acknowledged(messages.Length, since);
        }
    }

    private static async Task ReadAsync(EmbeddedBroker broker, CancellationToken stop)
    {
        try
        {
            await using var member = await broker.SubscribeAsync(new SubscribeOptions { Topic = Topic, Group = "readers" }, stop);
            while (true)
            {
                await member.ReceiveAsync(1000, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private static async Task RetainAsync(EmbeddedBroker broker, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                await broker.ApplyRetentionAsync(false, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>A load.</summary>
    internal sealed record Load(int Size, int InFlight, Shape Shape, bool Busy, double Seconds);
}
