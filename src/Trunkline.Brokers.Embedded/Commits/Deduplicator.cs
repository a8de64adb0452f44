using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using RocksDbSharp;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging;

namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>
/// Recognises repeats, by (source, id) and by producer and sequence. Entries are written in the unit they belong to, so they can
/// never disagree with the log. Ids are kept in buckets by time, each as long as the topic's window; a bucket goes as a whole when all
/// in it is older than the window, so a look-up asks the one or two buckets there are. Ids are hashed with the store's own
/// random seed, so nobody outside can make two of them meet. Writer's thread only.
/// </summary>
internal sealed class Deduplicator(Store store, long seed)
{
    private const int EntrySize = 20;
    private readonly Dictionary<(int Topic, UInt128 Hash), Position> _stagedIds = [];
    private readonly Dictionary<(int Topic, int Partition, string Producer), ProducerState> _stagedProducers = [];

    /// <summary>Forgets what was staged: the group is written, or was never to be.</summary>
    public void Clear()
    {
        _stagedIds.Clear();
        _stagedProducers.Clear();
    }

    /// <summary>The position of the first copy, or null; then <paramref name="hash"/> is what to remember it by.</summary>
    public Position? Find(TopicState topic, Message message, long nowTicks, out UInt128 hash)
    {
        hash = Hash(message.Source, message.Id.Value);
        if (topic.Settings.DedupeWindow <= TimeSpan.Zero)
        {
            return null;
        }

        if (_stagedIds.TryGetValue((topic.Id, hash), out var staged))
        {
            return staged;
        }

        for (var i = topic.DedupeBuckets.Count - 1; i >= 0; i--)
        {
            var entry = store.Get(store.Dedupe, StoreKeys.DedupeId(topic.Id, topic.DedupeBuckets[i], hash));
            if (entry is { Length: EntrySize }
                && nowTicks - BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(12)) < topic.Settings.DedupeWindow.Ticks)
            {
                return new Position(BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(4)));
            }
        }

        return null;
    }

    /// <summary>Remembers an id with where its message stands.</summary>
    public void Remember(TopicState topic, UInt128 hash, Position position, long nowTicks, WriteBatch batch)
    {
        if (topic.Settings.DedupeWindow <= TimeSpan.Zero)
        {
            return;
        }

        _stagedIds[(topic.Id, hash)] = position;
        Span<byte> entry = stackalloc byte[EntrySize];
        BinaryPrimitives.WriteInt32LittleEndian(entry, position.Partition);
        BinaryPrimitives.WriteInt64LittleEndian(entry[4..], position.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(entry[12..], nowTicks);
        batch.Put(StoreKeys.DedupeId(topic.Id, Bucket(topic, nowTicks, batch), hash), entry, store.Dedupe);
    }

    /// <summary>Forgets a message's id, in all buckets it may be in.</summary>
    public void Forget(TopicState topic, Message message, WriteBatch batch)
    {
        var hash = Hash(message.Source, message.Id.Value);
        foreach (var bucket in topic.DedupeBuckets)
        {
            batch.Delete(StoreKeys.DedupeId(topic.Id, bucket, hash), store.Dedupe);
        }
    }

    /// <summary>What is remembered of a producer, the staged units of this group included.</summary>
    public ProducerState? Producer(TopicState topic, int partition, string producer)
    {
        if (_stagedProducers.TryGetValue((topic.Id, partition, producer), out var staged))
        {
            return staged;
        }

        return store.Get(store.Dedupe, StoreKeys.Producer(topic.Id, partition, producer)) is { } stored ? ProducerCodec.Decode(stored) : null;
    }

    public void Remember(TopicState topic, int partition, string producer, ProducerState state, WriteBatch batch)
    {
        _stagedProducers[(topic.Id, partition, producer)] = state;
        batch.Put(StoreKeys.Producer(topic.Id, partition, producer), ProducerCodec.Encode(state), store.Dedupe);
    }

    /// <summary>Reads which buckets a topic has; at the start.</summary>
    public void Load(TopicState topic)
    {
        using var keys = store.IterateKeys(store.Dedupe);
        var prefix = StoreKeys.OfTopic('i', topic.Id);
        for (keys.Seek(prefix); keys.Valid() && keys.GetKeySpan().StartsWith(prefix); keys.Seek(StoreKeys.DedupeBucket(topic.Id, topic.DedupeBuckets[^1] + 1)))
        {
            topic.DedupeBuckets.Add(BinaryPrimitives.ReadInt64BigEndian(keys.GetKeySpan()[5..]));
        }

        StoreErrors.Check(keys, "reading dedupe entries");
    }

    /// <summary>The bucket for now. A new one begins when the newest is a window old; those no entry of which still counts go.</summary>
    private long Bucket(TopicState topic, long nowTicks, WriteBatch batch)
    {
        var buckets = topic.DedupeBuckets;
        var window = topic.Settings.DedupeWindow.Ticks;
        if (buckets.Count > 0 && nowTicks - buckets[^1] < window)
        {
            return buckets[^1];
        }

        buckets.Add(nowTicks);
        // All entries of a bucket are older than the start of the next one.
        while (buckets.Count > 1 && nowTicks - buckets[1] >= window)
        {
            Drop(topic, buckets[0], buckets[1], batch);
            buckets.RemoveAt(0);
        }

        return nowTicks;
    }

    private void Drop(TopicState topic, long bucket, long next, WriteBatch batch)
    {
        var (from, until) = (StoreKeys.DedupeBucket(topic.Id, bucket), StoreKeys.DedupeBucket(topic.Id, next));
        batch.DeleteRange(from, (ulong)from.Length, until, (ulong)until.Length, store.Dedupe);
    }

    private UInt128 Hash(string source, string id)
    {
        var length = source.Length + id.Length + 1;
        Span<char> text = length <= 512 ? stackalloc char[length] : new char[length];
        source.CopyTo(text);
        // No text holds this value where it could be mistaken for the border: it is a lone surrogate.
        text[source.Length] = '\uDFFF';
        id.CopyTo(text[(source.Length + 1)..]);
        return XxHash128.HashToUInt128(MemoryMarshal.AsBytes(text), seed);
    }
}
