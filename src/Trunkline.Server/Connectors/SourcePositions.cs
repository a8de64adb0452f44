using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Server.Connectors;

/// <summary>
/// The positions of a source's messages: of those in hand, and durable of what is done. What is written is in docs/formats/source-positions.md.
/// Thread-safe.
/// </summary>
/// <param name="broker">Where they are kept.</param>
/// <param name="store">The store.</param>
internal sealed class SourcePositions(IBroker broker, string store)
{
    // More than a flow ever has in hand: what was done ahead of others and has not come by then comes no more.
    private const int StaleAfter = 64 * 1024;
    private const byte Version = 1;

    private static readonly byte[] DoneKey = "p"u8.ToArray();

    private readonly Lock _lock = new();
    private readonly Dictionary<long, SourceMessage> _inHand = [];
    private readonly HashSet<string> _doneBefore = new(StringComparer.Ordinal);
    private readonly SortedSet<long> _doneAhead = [];
    private long _next;
    private long _recorded;
    private long _committed;

    /// <summary>The position of the last message taken, or what is durably done; null at the very beginning.</summary>
    public string? Last { get; private set; }

    /// <summary>Reads what is durable.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (await broker.ReadStateAsync(store, 0, DoneKey, cancellationToken) is { } done)
        {
            Last = TextOf(done);
        }

        await foreach (var entry in broker.ScanStateAsync(store, 0, "a"u8.ToArray(), cancellationToken))
        {
            _doneBefore.Add(Encoding.UTF8.GetString(entry.Key.Span[1..]));
        }
    }

    /// <summary>The message with its offset; null if it was done before.</summary>
    public StoredMessage? Take(SourceMessage message, DateTimeOffset now)
    {
        if (message.Position is not { Length: > 0 and <= SourceMessage.PositionLengthMax })
        {
            throw new ConnectorException($"The source gave a position that is not 1 to {SourceMessage.PositionLengthMax} characters long.");
        }

        lock (_lock)
        {
            var offset = _next++;
            _inHand.Add(offset, message);
            Last = message.Position;
            if (!_doneBefore.Remove(message.Position))
            {
                return new StoredMessage(message.Message, new Position(0, offset), now);
            }

            _doneAhead.Add(offset);
            return null;
        }
    }

    /// <summary>Adds to a unit what it makes of the positions. May be called again for the same unit.</summary>
    public void Record(IReadOnlyList<CompletedMessage> completed, Progress progress, UnitDraft unit)
    {
        lock (_lock)
        {
            _recorded = progress.Next;
            if (progress.Next > _committed)
            {
                Write(unit, DoneKey, ValueOf(_inHand[progress.Next - 1].Position));
            }

            foreach (var message in completed.Where(message => message.Offset >= progress.Next))
            {
                Write(unit, AheadKey(_inHand[message.Offset].Position), new[] { Version });
            }

            foreach (var offset in _doneAhead.TakeWhile(offset => offset < progress.Next))
            {
                Write(unit, AheadKey(_inHand[offset].Position), null);
            }

            foreach (var stale in Stale())
            {
                Write(unit, AheadKey(stale), null);
            }
        }
    }

    /// <summary>The unit recorded last is durable. Gives the messages in it that want to know.</summary>
    public List<Action> Committed(IReadOnlyList<CompletedMessage> completed)
    {
        lock (_lock)
        {
            List<Action> told = [.. completed.Select(message => _inHand[message.Offset].Committed).OfType<Action>()];
            _doneAhead.UnionWith(completed.Select(message => message.Offset));
            _doneAhead.RemoveWhere(offset => offset < _recorded);
            for (; _committed < _recorded; _committed++)
            {
                _inHand.Remove(_committed);
            }

            if (Stale().Count > 0)
            {
                _doneBefore.Clear();
            }

            return told;
        }
    }

    private HashSet<string> Stale() => _recorded > StaleAfter ? _doneBefore : [];

    private static byte[] AheadKey(string position) => [(byte)'a', .. Encoding.UTF8.GetBytes(position)];

    private static byte[] ValueOf(string position) => [Version, .. Encoding.UTF8.GetBytes(position)];

    private string TextOf(ReadOnlyMemory<byte> value) => value.Span is [Version, ..]
        ? Encoding.UTF8.GetString(value.Span[1..])
        : throw new BrokerException(BrokerErrorCode.StoreNewer, $"The position in '{store}' was written by a newer version of Trunkline.");

    private void Write(UnitDraft unit, byte[] key, byte[]? value) => unit.State.Add(new StateWrite(store, 0, key, value is null ? null : (ReadOnlyMemory<byte>?)value));
}
