using Trunkline.Messaging;

namespace Trunkline.Server.Flows.Tenants;

/// <summary>
/// What a flow has passed over in a partition to reach other tenants' messages: offsets only, a byte each; the messages are read
/// again when their tenant has room. A key whose message was passed over waits in the same line with all that follow, so that its
/// order is kept. Nothing of it is stored: the position stays below the first passed over. Guarded by the lock of <see cref="FlowLedger"/>.
/// </summary>
internal sealed class ReadAhead
{
    /// <summary>The most offsets from the first that waits to the last: past it the partition pauses. One byte each.</summary>
    public const int SpanMax = 4 * 1024 * 1024;

    /// <summary>The most keys that wait: past it the partition pauses. About 40 bytes each.</summary>
    public const int KeysMax = 1024 * 1024;

    private const int LinesMax = byte.MaxValue;

    private readonly PassedPages _pages = new();
    private readonly Dictionary<int, byte> _keys = [];
    private readonly SortedDictionary<byte, PassedLine> _lines = [];
    private readonly Dictionary<string, PassedLine> _tenants = new(StringComparer.Ordinal);
    private bool _hasTenants;

    /// <summary>Lines in which something waits.</summary>
    public IReadOnlyCollection<PassedLine> Lines => _lines.Values;

    /// <summary>True if nothing more may be passed over.</summary>
    public bool IsFull => IsPast(1);

    /// <summary>True well below that, so that a full one does not stop and start with every message.</summary>
    public bool IsRoomy => !IsPast(2);

    /// <summary>The first offset that waits; null if none does.</summary>
    public long? Lowest => _lines.Count == 0 ? null : _lines.Values.Min(line => line.Next);

    /// <summary>Whether messages of the key wait, or of one of the same hash.</summary>
    public bool Holds(MessageKey key) => _keys.Count > 0 && _keys.ContainsKey(key.GetHashCode());

    /// <summary>Notes whose message was met: where nobody names a tenant there is nobody to reach.</summary>
    public void Meet(string tenant) => _hasTenants |= tenant.Length > 0;

    /// <summary>Whether the message must wait behind others: of its key, or of its tenant.</summary>
    public bool MustFollow(Message message, string tenant) =>
        _lines.Count > 0 && (_tenants.ContainsKey(tenant) || (message.Key is { } key && Holds(key)));

    /// <summary>Whether a message whose tenant has its share may be passed over.</summary>
    public bool CanPass => _hasTenants;

    /// <summary>Passes a message over, which lies above all met before.</summary>
    public void Pass(StoredMessage stored, string tenant)
    {
        var (offset, message) = (stored.Position.Offset, stored.Message);
        var line = message.Key is { } key && _keys.TryGetValue(key.GetHashCode(), out var number) ? _lines[number] : LineOf(tenant);
        if (message.Key is { } own && _keys.TryAdd(own.GetHashCode(), line.Number))
        {
            line.Keys.Add(own.GetHashCode());
        }

        _pages.Set(offset, line.Number);
        line.Next = line.Waiting == 0 ? offset : line.Next;
        line.Until = offset + 1;
        line.Waiting++;
    }

    /// <summary>Takes messages of a line back.</summary>
    /// <param name="line">The line.</param>
    /// <param name="read">What was read from its first offset on, in order.</param>
    /// <param name="goneBelow">Below this nothing lies above what was read; -1 if that is not known.</param>
    /// <param name="max">The most to take.</param>
    public TakenBack TakeBack(PassedLine line, IReadOnlyList<StoredMessage> read, long goneBelow, int max)
    {
        var taken = new List<StoredMessage>();
        var gone = new List<long>();
        foreach (var message in read)
        {
            var offset = message.Position.Offset;
            Drop(line, offset, gone);
            if (line.Waiting == 0 || taken.Count >= max)
            {
                break;
            }

            if (line.Next == offset)
            {
                taken.Add(message);
                Advance(line);
            }
        }

        Drop(line, goneBelow, gone);
        if (line.Waiting == 0)
        {
            Close(line);
        }

        return new TakenBack(taken, gone);
    }

    /// <summary>What waits below an offset that is still to come was removed or erased.</summary>
    private void Drop(PassedLine line, long below, List<long> gone)
    {
        while (line.Waiting > 0 && line.Next < below)
        {
            gone.Add(line.Next);
            Advance(line);
        }
    }

    private void Advance(PassedLine line)
    {
        _pages.Clear(line.Next);
        line.Waiting--;
        line.Next = line.Waiting == 0 ? line.Until : _pages.Find(line.Number, line.Next + 1, line.Until);
    }

    private PassedLine LineOf(string tenant)
    {
        if (_tenants.TryGetValue(tenant, out var own))
        {
            return own;
        }

        byte number = 1;
        while (number < LinesMax && _lines.ContainsKey(number))
        {
            number++;
        }

        if (!_lines.TryGetValue(number, out var line))
        {
            line = new PassedLine(number, tenant, number == LinesMax);
            _lines.Add(number, line);
        }

        _tenants[tenant] = line;
        return line;
    }

    private void Close(PassedLine line)
    {
        _lines.Remove(line.Number);
        line.Keys.ForEach(key => _keys.Remove(key));
        foreach (var tenant in _tenants.Where(t => t.Value == line).Select(t => t.Key).ToArray())
        {
            _tenants.Remove(tenant);
        }

        if (_lines.Count == 0)
        {
            // A dictionary keeps the room of its fullest time otherwise.
            _keys.TrimExcess();
            _pages.Clear();
        }
    }

    private bool IsPast(int part) =>
        _lines.Count > 0 && (_keys.Count >= KeysMax / part || _lines.Values.Max(line => line.Until) - Lowest >= SpanMax / part);
}

/// <summary>What came back of what was passed over.</summary>
/// <param name="Messages">Messages whose turn it is, in order.</param>
/// <param name="Gone">Offsets that hold nothing any more.</param>
internal readonly record struct TakenBack(List<StoredMessage> Messages, List<long> Gone);
