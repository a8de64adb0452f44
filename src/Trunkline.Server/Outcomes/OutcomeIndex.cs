using System.Buffers.Binary;
using Trunkline.Messaging;

namespace Trunkline.Server.Outcomes;

/// <summary>
/// Finds the messages of a topic that may name an id, a key or a place: per message a sorted list of 32-bit hashes. A find is a hint:
/// whoever asks reads the message and looks. At its bound the oldest lists go, and what is older has to be looked for by reading.
/// Not thread-safe.
/// </summary>
internal sealed class OutcomeIndex(long bytesMax)
{
    private const int ListBytes = 64;

    private readonly Queue<(long Offset, uint[] Hashes)> _lists = [];
    private readonly List<uint> _gather = [];
    private long _bytes;

    /// <summary>Nothing below it is indexed.</summary>
    public long From { get; private set; }

    /// <summary>Begins the list of a message.</summary>
    public void Begin() => _gather.Clear();

    /// <summary>Adds a hash to the list.</summary>
    public void Add(uint hash) => _gather.Add(hash);

    /// <summary>Ends the list of the message at an offset; offsets rise.</summary>
    public void End(long offset)
    {
        if (_gather.Count == 0)
        {
            return;
        }

        var hashes = _gather.ToArray();
        Array.Sort(hashes);
        _lists.Enqueue((offset, hashes));
        _bytes += ListBytes + (4L * hashes.Length);
        while (_bytes > bytesMax && _lists.TryDequeue(out var oldest))
        {
            _bytes -= ListBytes + (4L * oldest.Hashes.Length);
            From = oldest.Offset + 1;
        }
    }

    /// <summary>Offsets of messages that may hold it, rising.</summary>
    public IReadOnlyList<long> Find(uint hash) => [.. _lists.Where(list => Array.BinarySearch(list.Hashes, hash) >= 0).Select(list => list.Offset)];

    public static uint OfId(ReadOnlySpan<byte> id) => (uint)Murmur2.Hash(id);

    public static uint OfKey(ReadOnlySpan<byte> key) => (uint)Murmur2.Hash(key) ^ 0x9e3779b9;

    public static uint OfReceipt(ReadOnlySpan<byte> receipt) => (uint)Murmur2.Hash(receipt) ^ 0x7f4a7c15;

    public static uint OfPlace(int partition, long offset)
    {
        Span<byte> place = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(place, partition);
        BinaryPrimitives.WriteInt64LittleEndian(place[4..], offset);
        return (uint)Murmur2.Hash(place) ^ 0x51ed270b;
    }
}
