using System.Text;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Testing.Conformance;

/// <summary>
/// What the process does that the suite kills: four writers commit units without end, each one message to each of three topics and a
/// state entry; a fifth appends to a topic of durability <c>interval</c>. What is acknowledged goes to the output, one line each:
/// <c>unit TEXT</c> or <c>weak OFFSET MILLISECONDS TEXT</c>. A text is <c>run-writer-number</c>.
/// </summary>
public static class KillableWork
{
    internal const string WeakTopic = "killed-weak";
    internal const string Store = "killed";
    internal const int Writers = 4;

    internal static readonly string[] Topics = ["killed-a", "killed-b", "killed-c"];
    internal static readonly TimeSpan WeakInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Works until the process is killed, or a call fails.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="output">Where lines go, each with one write.</param>
    public static async Task RunAsync(IBroker broker, Stream output)
    {
        foreach (var topic in Topics)
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = topic, Partitions = 1 }, CancellationToken.None);
        }

        await broker.CreateTopicAsync(
            new TopicSettings { Name = WeakTopic, Partitions = 1, Durability = new Durability(DurabilityKind.Interval, WeakInterval) }, CancellationToken.None);
        var run = Guid.NewGuid().ToString("N")[..8];
        await await Task.WhenAny([.. Enumerable.Range(0, Writers).Select(writer => CommitAsync(broker, output, run, writer)), AppendAsync(broker, output, run)]);
    }

    private static async Task CommitAsync(IBroker broker, Stream output, string run, int writer)
    {
        for (var number = 0; ; number++)
        {
            var text = $"{run}-{writer}-{number}";
            await broker.CommitAsync(new CommitUnit
            {
                Appends = [.. Topics.Select(topic => new TopicAppend { Topic = topic, Messages = [BrokerStand.Text(text, text)] })],
                State = [new StateWrite(Store, 0, new[] { (byte)writer }, Encoding.UTF8.GetBytes(text))],
            }, CancellationToken.None);
            Tell(output, $"unit {text}");
        }
    }

    private static async Task AppendAsync(IBroker broker, Stream output, string run)
    {
        for (var number = 0; ; number++)
        {
            var text = $"{run}-{Writers}-{number}";
            var appended = await broker.AppendAsync(new TopicAppend { Topic = WeakTopic, Messages = [BrokerStand.Text(text, text)] }, CancellationToken.None);
            Tell(output, $"weak {appended[0].Position.Offset} {Environment.TickCount64} {text}");

            // So that the others have their share of the lines.
            await Task.Yield();
        }
    }

    private static void Tell(Stream output, string line)
    {
        lock (output)
        {
            output.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }
}
