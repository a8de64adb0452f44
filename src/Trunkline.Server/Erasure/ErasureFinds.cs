using System.IO.Hashing;
using System.Runtime.InteropServices;
using Trunkline.Core.Errors;
using Trunkline.Messaging;

namespace Trunkline.Server.Erasure;

/// <summary>
/// What was found of a subject: places, and hashes of the identities found, by which outcomes and facts of the same messages are known.
/// Bounded by <see cref="PlacesMax"/>; beyond it the erasure is refused before anything was changed. Not thread-safe.
/// </summary>
internal sealed class ErasureFinds
{
    /// <summary>Messages one erasure may find.</summary>
    public const int PlacesMax = 5_000_000;

    // No source holds a zero byte.
    private const string FactSource = "\0fact";

    private readonly Dictionary<(string Topic, int Partition), HashSet<long>> _places = [];
    private readonly List<(string Topic, Position Position)> _fresh = [];
    private readonly HashSet<UInt128> _identities = [];
    private readonly HashSet<MessageKey> _keys = [];

    public int Count { get; private set; }

    /// <summary>Keys of messages found for another reason than their key: what is kept by them goes too.</summary>
    public IReadOnlyCollection<MessageKey> Keys => _keys;

    public IReadOnlyCollection<UInt128> Identities => _identities;

    public IEnumerable<(string Topic, int Partition, IReadOnlyCollection<long> Offsets)> Places =>
        _places.Select(place => (place.Key.Topic, place.Key.Partition, (IReadOnlyCollection<long>)place.Value));

    public bool Contains(string topic, Position position) =>
        _places.TryGetValue((topic, position.Partition), out var offsets) && offsets.Contains(position.Offset);

    /// <summary>Adds a place; false if it was known.</summary>
    /// <exception cref="ErasureException">There are too many.</exception>
    public bool Add(string topic, Position position)
    {
        if (!_places.TryGetValue((topic, position.Partition), out var offsets))
        {
            _places.Add((topic, position.Partition), offsets = []);
        }

        if (!offsets.Add(position.Offset))
        {
            return false;
        }

        _fresh.Add((topic, position));
        if (++Count > PlacesMax)
        {
            throw new ErasureException(ErrorCodes.ErasureTooLarge, $"More than {PlacesMax} messages belong to it; nothing was changed.");
        }

        return true;
    }

    /// <summary>The places found since the last call.</summary>
    public IReadOnlyList<(string Topic, Position Position)> TakeFresh()
    {
        var fresh = _fresh.ToArray();
        _fresh.Clear();
        return fresh;
    }

    /// <summary>Adds the identity of a message found: its copies are found by it, and facts by its id.</summary>
    public void AddIdentity(string source, string id)
    {
        _identities.Add(HashOf(FactSource, id));
        if (source.Length > 0)
        {
            _identities.Add(HashOf(source, id));
        }
    }

    public void AddIdentity(UInt128 hash) => _identities.Add(hash);

    /// <summary>True for the identity of a message found. Without a source an id is nobody's alone: then it tells nothing.</summary>
    public bool HasIdentity(string source, string id) => source.Length > 0 && _identities.Contains(HashOf(source, id));

    /// <summary>True if a later fact that names this id, or receipt, may be about a message found.</summary>
    public bool IsFactAbout(string id) => _identities.Contains(HashOf(FactSource, id));

    public void AddKey(MessageKey key)
    {
        if (!_keys.Contains(key))
        {
            // A copy: the slice would hold its whole batch in memory.
            _keys.Add(new MessageKey(key.Bytes.ToArray()));
        }
    }

    private static UInt128 HashOf(string source, string id) =>
        XxHash128.HashToUInt128(MemoryMarshal.AsBytes(id.AsSpan()), (long)XxHash64.HashToUInt64(MemoryMarshal.AsBytes(source.AsSpan())));
}

/// <summary>An erasure cannot be done; the text names no data.</summary>
internal sealed class ErasureException(string code, string message) : Exception(message)
{
    /// <summary>Of the error catalogue.</summary>
    public string Code { get; } = code;
}
