using RocksDbSharp;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Topics;

/// <summary>Creates, alters and deletes topics and moves groups. Writer's thread only: no commit is under way meanwhile.</summary>
internal sealed class TopicChanges(BrokerCore core)
{
    private const int PartitionsMax = 1024;

    public bool Create(TopicSettings settings)
    {
        if (!TopicName.IsValid(settings.Name))
        {
            throw new BrokerException(BrokerErrorCode.TopicNameInvalid,
                $"A topic name is 1 to {TopicName.MaxLength} of A-Z a-z 0-9 . _ - and neither \".\" nor \"..\".");
        }

        if (core.Catalog.Find(settings.Name) is { } existing)
        {
            return existing.Settings == settings ? false
                : throw new BrokerException(BrokerErrorCode.TopicConflict, $"Topic {settings.Name} exists with other settings; alter or delete it.");
        }

        var topic = new TopicState(core.Counters.NextTopic, settings);
        var counters = core.Counters with { NextTopic = core.Counters.NextTopic + 1 };
        using var change = new WriteBatch();
        change.Put(StoreKeys.OfTopic('t', topic.Id), TopicRecord.Encode(settings), core.Store.Meta);
        change.Put(StoreKeys.Counters, counters.Encode(), core.Store.Meta);
        core.Write(change);
        core.Counters = counters;
        lock (core.Catalog.Gate)
        {
            core.Catalog.Add(topic);
        }

        return true;
    }

    public bool Alter(TopicSettings settings)
    {
        var topic = core.Catalog.Topic(settings.Name);
        if (settings.Partitions != topic.Settings.Partitions || settings.Compacted != topic.Settings.Compacted)
        {
            throw new BrokerException(BrokerErrorCode.TopicConflict, $"Partitions and compaction of topic {settings.Name} cannot change; delete and create it.");
        }

        using var change = new WriteBatch();
        change.Put(StoreKeys.OfTopic('t', topic.Id), TopicRecord.Encode(settings), core.Store.Meta);
        core.Write(change);
        lock (core.Catalog.Gate)
        {
            topic.Settings = settings;
        }

        return true;
    }

    /// <summary>Deletes all of a topic; returns the bytes it held.</summary>
    public long Delete(string name)
    {
        var topic = core.Catalog.Topic(name);
        using var change = new WriteBatch();
        change.Delete(StoreKeys.OfTopic('t', topic.Id), core.Store.Meta);
        DeleteAll(change, 'p', topic.Id, core.Store.Meta);
        DeleteAll(change, '\0', topic.Id, core.Store.Positions);
        DeleteAll(change, 'i', topic.Id, core.Store.Dedupe);
        DeleteAll(change, 's', topic.Id, core.Store.Dedupe);
        DeleteAll(change, '\0', topic.Id, core.Store.Batches);
        core.Write(change);
        lock (core.Catalog.Gate)
        {
            core.Catalog.Remove(topic);
        }

        foreach (var partition in topic.Partitions)
        {
            core.Writer.Forget(partition);
        }

        return topic.Partitions.Sum(p => p.Visible.StoredBytes);
    }

    /// <summary>Moves a group: durable first, then its members are told.</summary>
    public bool Seek(string name, string groupName, IReadOnlyDictionary<int, long> offsets)
    {
        var topic = core.Catalog.Topic(name);
        using var change = new WriteBatch();
        foreach (var (partition, offset) in offsets)
        {
            change.Put(StoreKeys.Position(topic.Id, partition, groupName), ProgressCodec.Encode(Progress.At(offset)), core.Store.Positions);
        }

        lock (core.Catalog.Gate)
        {
            core.Catalog.Group(name, groupName);
        }

        core.Write(change);
        lock (core.Catalog.Gate)
        {
            var group = core.Catalog.Group(name, groupName);
            foreach (var (partition, offset) in offsets)
            {
                group.Commit(partition, Progress.At(offset));
            }

            core.Catalog.Members.Reassign(name, groupName, [.. offsets.Keys]);
        }

        return true;
    }

    public static void Check(TopicSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.Partitions, PartitionsMax);
        if (settings.Durability.Kind == DurabilityKind.Interval)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(settings.Durability.Interval, TimeSpan.FromMilliseconds(1));
        }
    }

    private static void DeleteAll(WriteBatch change, char letter, int topic, ColumnFamilyHandle family)
    {
        var (from, until) = (StoreKeys.OfTopic(letter, topic), StoreKeys.OfTopic(letter, topic + 1));
        change.DeleteRange(from, (ulong)from.Length, until, (ulong)until.Length, family);
    }
}
