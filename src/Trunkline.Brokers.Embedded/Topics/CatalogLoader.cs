using System.Buffers.Binary;
using System.Text;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Topics;

/// <summary>Reads topics, extents and positions when the store opens, and holds them against each other and against the mark.</summary>
internal static class CatalogLoader
{
    public static void Load(Catalog catalog, Store store)
    {
        foreach (var topic in ReadTopics(store))
        {
            catalog.Add(topic);
            ReadGroups(topic, store);
            foreach (var partition in topic.Partitions)
            {
                CheckEnd(partition, store);
            }
        }
    }

    /// <summary>What the mark says was acknowledged and is not there, for people; null if all is.</summary>
    public static string? Loss(Catalog catalog, Store store, AckMark.Mark mark)
    {
        var byId = catalog.Topics.ToDictionary(t => t.Id);
        var lost = new List<string>();
        foreach (var (topic, number, high) in mark.Highs)
        {
            // A topic that is gone was deleted after the mark was written; if its making was cut off, the sequence below tells.
            if (byId.TryGetValue(topic, out var found) && number < found.Partitions.Length && found.Partitions[number].Visible.High < high)
            {
                lost.Add(FormattableString.Invariant($"{found.Partitions[number]} offsets {found.Partitions[number].Visible.High} to {high - 1}"));
            }
        }

        return lost.Count > 0 ? string.Join(", ", lost)
            : store.OpenedAt < mark.Sequence ? FormattableString.Invariant($"changes {store.OpenedAt + 1} to {mark.Sequence}")
            : null;
    }

    private static List<TopicState> ReadTopics(Store store)
    {
        var topics = new List<TopicState>();
        using var iterator = store.Iterate(store.Meta);
        for (iterator.Seek("t"u8); iterator.Valid() && iterator.GetKeySpan() is [(byte)'t', ..] and { Length: 5 } key; iterator.Next())
        {
            var id = BinaryPrimitives.ReadInt32BigEndian(key[1..]);
            topics.Add(new TopicState(id, TopicRecord.Decode(iterator.GetValueSpan()),
                p => store.Get(store.Meta, StoreKeys.Partition(id, p)) is { } extent ? Extent.Decode(extent) : Extent.Empty));
        }

        StoreErrors.Check(iterator, "reading topics");
        return topics;
    }

    private static void ReadGroups(TopicState topic, Store store)
    {
        var prefix = StoreKeys.OfTopic('\0', topic.Id);
        using var iterator = store.Iterate(store.Positions);
        for (iterator.Seek(prefix); iterator.Valid() && iterator.GetKeySpan().StartsWith(prefix); iterator.Next())
        {
            var key = iterator.GetKeySpan();
            var partition = BinaryPrimitives.ReadInt32BigEndian(key[4..]);
            var name = Encoding.UTF8.GetString(key[StoreKeys.PartitionPrefixSize..]);
            if (!topic.Groups.TryGetValue(name, out var group))
            {
                group = new GroupState(name, topic, SubscribeStart.Earliest);
                topic.Groups.Add(name, group);
            }

            group.Commit(partition, ProgressCodec.Decode(iterator.GetValueSpan()));
        }

        StoreErrors.Check(iterator, "reading positions");
    }

    /// <summary>The newest batch must end where the extent says: else one of the two was cut.</summary>
    private static void CheckEnd(PartitionState partition, Store store)
    {
        var extent = partition.Visible;
        if (extent.Low >= extent.High)
        {
            return;
        }

        using var keys = store.IterateKeys(store.Batches);
        keys.SeekForPrev(StoreKeys.BatchesFrom(partition.Topic.Id, partition.Number, long.MaxValue));
        StoreErrors.Check(keys, $"reading the end of {partition}");
        var end = keys.Valid() && StoreKeys.TryBatch(keys.GetKeySpan(), out var place) && place.Topic == partition.Topic.Id && place.Partition == partition.Number
            ? place.LastOffset + 1
            : extent.Low;
        if (end != extent.High)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged,
                FormattableString.Invariant($"Offsets {end} to {extent.High - 1} of {partition} are missing from the store. Restore a backup."));
        }
    }
}
