using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Messaging.Checking;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>A member of a durable group of the topic <c>in</c> that gives some messages back; writes what it is given to a journal.</summary>
internal sealed class Consumer(int number, int seed, SoakNode node, string folder)
{
    public const string Group = "soak";
    private const double NackShare = 0.02;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Messages it was given, again counted again.</summary>
    public long Deliveries { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        var random = new Random(seed + number);
        using var journal = new JournalWriter(Path.Combine(folder, $"consumer-{number}.ndjson"));
        var group = node.Client.Group("in", Group);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var fetched = await group.FetchAsync(new FetchRequest { Max = 50, WaitMs = 1000, LeaseMs = 5000 }, stop);
                await HandleAsync(group, fetched.Messages, random, journal, stop);
            }
            catch (Exception refused) when (refused is TrunklineException or NodeUnreachableException)
            {
                // The node is down or refuses; what was lent comes again when its lease ends.
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task HandleAsync(TopicGroup group, IReadOnlyList<LeasedMessage> messages, Random random, JournalWriter journal, CancellationToken stop)
    {
        if (messages.Count == 0)
        {
            return;
        }

        Deliveries += messages.Count;
        journal.Write(sync: false, messages.Select(m => new JournalEntry.Delivery(
            $"{Group}/{number}", Group, "in", m.Event.Partition, m.Event.Offset, Seen.Id(m.Event), Seen.Hash(m.Event))));
        var (back, done) = (new List<string>(), new List<string>());
        foreach (var message in messages)
        {
            (random.NextDouble() < NackShare ? back : done).Add(message.Lease);
        }

        if (done.Count > 0)
        {
            await group.AckAsync(new AckRequest(done), stop);
        }

        if (back.Count > 0)
        {
            await group.NackAsync(new NackRequest(back, 100), stop);
        }
    }
}
