using System.Threading.Channels;

namespace Trunkline.Server.Api.Live;

/// <summary>What waits for one client of a <see cref="LiveTail"/>, bounded: once there is no room nothing more is added, and the client reads on from the log.</summary>
/// <param name="from">Of each partition the first offset that is handed out.</param>
/// <param name="leave">Ends it.</param>
internal sealed class LiveSubscription(long[] from, Action<LiveSubscription> leave) : IDisposable
{
    private const int WaitingMax = 256;

    private readonly Channel<LiveItem> _items = Channel.CreateBounded<LiveItem>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });

    /// <summary>Of each partition the first offset that is handed out.</summary>
    public long[] From => from;

    /// <summary>What waits; complete once there was no room, behind what there was room for.</summary>
    public ChannelReader<LiveItem> Items => _items.Reader;

    /// <summary>True if nothing waits and nothing was left out.</summary>
    public bool IsEmpty => _items.Reader.Count == 0 && !_items.Reader.Completion.IsCompleted;

    public void Offer(LiveItem.Whole item)
    {
        if (!_items.Writer.TryWrite(item))
        {
            _items.Writer.TryComplete();
        }
    }

    /// <summary>Of pieces fewer wait: a client that is behind is better served by the whole.</summary>
    public void Offer(LiveItem.Piece piece)
    {
        if (_items.Reader.Count < WaitingMax / 2)
        {
            _items.Writer.TryWrite(piece);
        }
    }

    public void Fail(Exception failed) => _items.Writer.TryComplete(failed);

    /// <inheritdoc/>
    public void Dispose() => leave(this);
}
