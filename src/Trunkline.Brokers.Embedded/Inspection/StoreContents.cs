using System.Buffers.Binary;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>Counters, topics and extents of a store that may be damaged.</summary>
internal sealed class StoreContents
{
    private readonly Dictionary<(int Topic, int Partition), Extent> _extents = [];

    public Counters? Counters { get; private set; }

    /// <summary>Settings by the topic's number.</summary>
    public SortedDictionary<int, TopicSettings> Topics { get; } = [];

    public static StoreContents Read(Store store, List<StoreFinding> findings)
    {
        var contents = new StoreContents();
        var fault = EntryScan.Visit(store, store.Meta, "topics", (key, value) =>
        {
            try
            {
                contents.Add(key, value);
            }
            catch (BrokerException broken)
            {
                findings.Add(StoreFinding.OfStore(StoreFindingKind.EntryUnreadable, broken.Message));
            }
        });
        if (fault is not null)
        {
            findings.Add(StoreFinding.OfStore(StoreFindingKind.EntryUnreadable, fault));
        }

        return contents;
    }

    public Extent Extent(int topic, int partition) => _extents.GetValueOrDefault((topic, partition)) ?? Embedded.Topics.Extent.Empty;

    private void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        switch (key)
        {
            case [(byte)'c']:
                Counters = Storage.Counters.Decode(value);
                break;
            case [(byte)'t', ..] when key.Length == 5:
                Topics[BinaryPrimitives.ReadInt32BigEndian(key[1..])] = TopicRecord.Decode(value);
                break;
            case [(byte)'p', ..] when key.Length == 9:
                _extents[(BinaryPrimitives.ReadInt32BigEndian(key[1..]), BinaryPrimitives.ReadInt32BigEndian(key[5..]))] = Embedded.Topics.Extent.Decode(value);
                break;
        }
    }
}
