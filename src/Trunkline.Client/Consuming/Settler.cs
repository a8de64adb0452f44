using System.Threading.Channels;
using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client.Consuming;

/// <summary>
/// Tells the node what became of messages, in batches: whatever was settled while the request before was under way goes with the next. A node that
/// cannot be reached is asked again; acknowledging twice does nothing.
/// </summary>
internal sealed class Settler(TopicGroup group, InHand inHand, ConsumeOptions options)
{
    private const int LeasesMax = 1000;

    // Bounded by what is in hand: a message leaves there only after it has passed here.
    private readonly Channel<(HeldMessage Held, TimeSpan? Back)> _settled = Channel.CreateUnbounded<(HeldMessage, TimeSpan?)>(
        new UnboundedChannelOptions { SingleReader = true });

    /// <summary>The message is done.</summary>
    public void Acknowledge(HeldMessage held) => _settled.Writer.TryWrite((held, null));

    /// <summary>The message is to come again after a while.</summary>
    public void GiveBack(HeldMessage held, TimeSpan delay) => _settled.Writer.TryWrite((held, delay));

    /// <summary>Nothing more will be settled.</summary>
    public void Complete() => _settled.Writer.TryComplete();

    /// <summary>Runs until all that was settled is told, or cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var batch = new List<(HeldMessage Held, TimeSpan? Back)>();
        while (await _settled.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (batch.Count < LeasesMax && _settled.Reader.TryRead(out var next))
            {
                batch.Add(next);
            }

            foreach (var alike in batch.GroupBy(b => b.Back))
            {
                await TellAsync(alike.Key, [.. alike.Select(b => b.Held.Message.Lease)], cancellationToken).ConfigureAwait(false);
            }

            foreach (var (held, _) in batch)
            {
                inHand.Remove(held);
            }

            batch.Clear();
        }
    }

    private async Task TellAsync(TimeSpan? back, string[] leases, CancellationToken cancellationToken)
    {
        for (var backoff = new Backoff(); ;)
        {
            try
            {
                // Leases that had ended meanwhile are no failure: their messages come again, to whoever asks.
                _ = back is { } delay
                    ? await group.NackAsync(new NackRequest(leases, (int)delay.TotalMilliseconds), cancellationToken).ConfigureAwait(false)
                    : await group.AckAsync(new AckRequest(leases), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (Backoff.IsPassing(failure))
            {
                options.Trouble?.Invoke(failure, null);
                await Task.Delay(backoff.Next(failure), options.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
