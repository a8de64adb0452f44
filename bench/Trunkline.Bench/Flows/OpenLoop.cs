using System.Diagnostics;
using HdrHistogram;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Bench.Flows;

/// <summary>
/// Messages sent at a rate whatever becomes of them, each measured from the time it was meant to be sent until a reader of the output topic
/// has it. The first second is left out.
/// </summary>
internal sealed class OpenLoop(int perSecond, int total)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Times in µs; read it after the run.</summary>
    public LongHistogram Times { get; } = NewHistogram();

    public static LongHistogram NewHistogram() => new(60_000_000, 3);

    /// <summary>How many are due by now.</summary>
    public int Due => (int)Math.Min((long)(Stopwatch.GetElapsedTime(_start).TotalSeconds * perSecond), total);

    /// <summary>
    /// Sends all of them. On a thread of its own: the runtime's timers come up to a tick of the kernel late (4 ms at 250 Hz), which would be measured as
    /// the flow's. What is due is sent in one call, each message with its own intended time.
    /// </summary>
    public async Task SendAsync(IBroker broker) =>
        await await Task.Factory.StartNew(() => SendDueAsync(broker), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Reads so many from the topic <c>out</c>.</summary>
    public async Task ReadAsync(IBroker broker, int expected)
    {
        await using var subscription = await broker.SubscribeAsync(new SubscribeOptions { Topic = "out", Group = "reader" }, CancellationToken.None);
        for (var seen = 0; seen < expected;)
        {
            if (await subscription.ReceiveAsync(1000, CancellationToken.None) is not SubscriptionEvent.Delivered delivered)
            {
                continue;
            }

            foreach (var message in delivered.Messages)
            {
                Arrived(FlowLoad.NumberOf(message.Message.Payload.Span));
            }

            seen += delivered.Messages.Count;
        }
    }

    /// <summary>The message with that number is where it should be.</summary>
    public void Arrived(long number)
    {
        var intended = (double)number / perSecond;
        if (intended >= 1)
        {
            var micros = (Stopwatch.GetElapsedTime(_start).TotalSeconds - intended) * 1e6;
            Times.RecordValue(Math.Clamp((long)micros, 1, 60_000_000));
        }
    }

    private Task SendDueAsync(IBroker broker)
    {
        var pending = new List<Task>();
        for (var sent = 0; sent < total;)
        {
            var due = Due;
            if (due == sent)
            {
                Pace.Pause();
                continue;
            }

            var messages = Enumerable.Range(sent, due - sent).Select(FlowLoad.Message).ToArray();
            pending.Add(broker.AppendAsync(new TopicAppend { Topic = "in", Messages = messages }, CancellationToken.None).AsTask());
            sent = due;
            pending.RemoveAll(p => p.IsCompletedSuccessfully);
        }

        return Task.WhenAll(pending);
    }
}
