using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using RocksDbSharp;
using Trunkline.Brokers.Embedded.Storage;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>What changes of the commit log write to, read from RocksDB's form of them: twelve bytes of head, then a tag, a family, a key and a value each.</summary>
/// <param name="store">The store they are of.</param>
/// <param name="topics">Names of topics by number.</param>
internal sealed class ChangeContents(Store store, IReadOnlyDictionary<int, string> topics)
{
    private const int HeadSize = 12;
    private readonly Dictionary<int, string> _topics = new(topics);
    private readonly SortedSet<string> _messages = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _progress = new(StringComparer.Ordinal);

    /// <summary>Messages added, such as <c>orders/0 offsets 5 to 9</c>.</summary>
    public IReadOnlyCollection<string> Messages => _messages;

    /// <summary>What goes on from earlier changes: positions of groups, state of flows, sequences of producers; and topics whose settings are not known.</summary>
    public IReadOnlyCollection<string> Progress => _progress;

    /// <summary>Reads a change, as far as it can be read.</summary>
    /// <returns>False if that was not to its end.</returns>
    public bool Add(ReadOnlySpan<byte> change)
    {
        var rest = change.Length > HeadSize ? change[HeadSize..] : [];
        while (rest.Length > 0)
        {
            if (!TryNext(ref rest))
            {
                return false;
            }
        }

        return change.Length >= HeadSize;
    }

    private static uint IdOf(ColumnFamilyHandle family) => Native.Instance.rocksdb_column_family_handle_get_id(family.Handle);

    private bool TryNext(scoped ref ReadOnlySpan<byte> rest)
    {
        // As in RocksDB's dbformat.h: with a family 4 delete, 5 put, 6 merge, 8 single delete, 14 delete range; 3 is a note, 13 nothing.
        var tag = rest[0];
        rest = rest[1..];
        uint family = 0;
        ReadOnlySpan<byte> key = [], value = [];
        if (tag is 4 or 5 or 6 or 8 or 14 && !TryNumber(ref rest, out family))
        {
            return false;
        }

        if (tag > 15 || (tag is >= 9 and <= 12) || (tag != 13 && !TryBytes(ref rest, out key)) || (tag is 1 or 2 or 5 or 6 or 14 or 15 && !TryBytes(ref rest, out value)))
        {
            return false;
        }

        See(family, tag == 5, key, value);
        return true;
    }

    private void See(uint family, bool puts, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (puts && family == IdOf(store.Meta) && key is [(byte)'t', ..] && key.Length == 5)
        {
            _topics[BinaryPrimitives.ReadInt32BigEndian(key[1..])] = NameOf(value);
        }
        else if (puts && family == IdOf(store.Batches) && StoreKeys.TryBatch(key, out var place))
        {
            _messages.Add(string.Create(CultureInfo.InvariantCulture, $"{Topic(place.Topic)}/{place.Partition} offsets {place.BaseOffset} to {place.LastOffset}"));
        }
        else if (family == IdOf(store.Positions) && key.Length > StoreKeys.PartitionPrefixSize)
        {
            _progress.Add($"group {Encoding.UTF8.GetString(key[StoreKeys.PartitionPrefixSize..])} in {Partition(key)}");
        }
        else if (family == IdOf(store.Dedupe) && key is [(byte)'s', .. var producer] && producer.Length > StoreKeys.PartitionPrefixSize)
        {
            _progress.Add($"producer {Encoding.UTF8.GetString(producer[StoreKeys.PartitionPrefixSize..])} in {Partition(producer)}");
        }
        else if (family == IdOf(store.State) && key.Length > 2 && BinaryPrimitives.ReadUInt16BigEndian(key) is var length && length <= key.Length - 2)
        {
            _progress.Add($"state {Encoding.UTF8.GetString(key.Slice(2, length))}");
        }
    }

    private string Partition(ReadOnlySpan<byte> key) =>
        string.Create(CultureInfo.InvariantCulture, $"{Topic(BinaryPrimitives.ReadInt32BigEndian(key))}/{BinaryPrimitives.ReadInt32BigEndian(key[4..])}");

    private string Topic(int number)
    {
        if (_topics.TryGetValue(number, out var name))
        {
            return name;
        }

        name = string.Create(CultureInfo.InvariantCulture, $"topic number {number}");
        _progress.Add($"{name}, whose settings are lost");
        return name;
    }

    private static string NameOf(ReadOnlySpan<byte> settings)
    {
        try
        {
            return Topics.TopicRecord.Decode(settings).Name;
        }
        catch (Messaging.Brokers.BrokerException)
        {
            return "a topic that cannot be read";
        }
    }

    private static bool TryBytes(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> bytes)
    {
        bytes = [];
        if (!TryNumber(ref rest, out var length) || length > rest.Length)
        {
            return false;
        }

        bytes = rest[..(int)length];
        rest = rest[(int)length..];
        return true;
    }

    private static bool TryNumber(scoped ref ReadOnlySpan<byte> rest, out uint number)
    {
        number = 0;
        for (var shift = 0; shift < 35 && rest.Length > 0; shift += 7)
        {
            var part = rest[0];
            rest = rest[1..];
            number |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
