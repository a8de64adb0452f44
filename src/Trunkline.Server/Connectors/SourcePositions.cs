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

    private readonly Lock _lock = new();
    private readonly Dictionary<long, SourceMessage> _inHand = [];
    private readonly HashSet<string> _doneBefore = new(StringComparer.Ordinal);
    private readonly SortedSet<long> _doneAhead = [];
    private List<string> _goneRecorded = [];
    private long _next;
    private long _recorded;
    private long _committed;

    // By part, the empty one of a source without: the position of the last message taken, or what is durably done.
    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);
    private readonly HashSet<string> _forgotten = new(StringComparer.Ordinal);

    /// <summary>Where a reading begins: behind the messages taken, or what is durably done.</summary>
    public SourceStart Start(string flow, TimeProvider time)
    {
        lock (_lock)
        {
            return new SourceStart(flow, _last.GetValueOrDefault(""), time)
            {
                Parts = _last.Where(part => part.Key.Length > 0).ToDictionary(StringComparer.Ordinal),
                Forget = Forget,
            };
        }
    }

    /// <summary>Reads what is durable.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await foreach (var entry in broker.ScanStateAsync(store, 0, "p"u8.ToArray(), cancellationToken))
        {
            _last[Encoding.UTF8.GetString(entry.Key.Span[1..])] = TextOf(entry.Value);
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

        if (message.Part.Length > SourceMessage.PartLengthMax)
        {
            throw new ConnectorException($"The source gave a part of more than {SourceMessage.PartLengthMax} characters.");
        }

        lock (_lock)
        {
            var offset = _next++;
            _inHand.Add(offset, message);
            _last[message.Part] = message.Position;
            _forgotten.Remove(message.Part);
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
            foreach (var (part, position) in LastDone(progress.Next))
            {
                Write(unit, DoneKey(part), ValueOf(position));
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

            foreach (var part in Gone())
            {
                Write(unit, DoneKey(part), null);
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

            foreach (var part in _goneRecorded)
            {
                _last.Remove(part);
                _forgotten.Remove(part);
            }

            _goneRecorded = [];
            return told;
        }
    }

    private void Forget(string part)
    {
        lock (_lock)
        {
            _forgotten.Add(part);
        }
    }

    /// <summary>Of each part the position of its last message below an offset, among those not recorded before.</summary>
    private Dictionary<string, string> LastDone(long next)
    {
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var offset = _committed; offset < next; offset++)
        {
            last[_inHand[offset].Part] = _inHand[offset].Position;
        }

        return last;
    }

    /// <summary>The forgotten parts none of whose messages is in hand.</summary>
    private List<string> Gone()
    {
        if (_forgotten.Count > 0)
        {
            _goneRecorded = [.. _forgotten.Except(_inHand.Values.Select(message => message.Part), StringComparer.Ordinal)];
        }

        return _goneRecorded;
    }

    private HashSet<string> Stale() => _recorded > StaleAfter ? _doneBefore : [];

    private static byte[] DoneKey(string part) => [(byte)'p', .. Encoding.UTF8.GetBytes(part)];

    private static byte[] AheadKey(string position) => [(byte)'a', .. Encoding.UTF8.GetBytes(position)];

    private static byte[] ValueOf(string position) => [Version, .. Encoding.UTF8.GetBytes(position)];

    private string TextOf(ReadOnlyMemory<byte> value) => value.Span is [Version, ..]
        ? Encoding.UTF8.GetString(value.Span[1..])
        : throw new BrokerException(BrokerErrorCode.StoreNewer, $"The position in '{store}' was written by a newer version of Trunkline.");

    private void Write(UnitDraft unit, byte[] key, byte[]? value) => unit.State.Add(new StateWrite(store, 0, key, value is null ? null : (ReadOnlyMemory<byte>?)value));
}
