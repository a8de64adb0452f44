using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Messaging;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Memory;

/// <summary>One partition: its messages in offset order.</summary>
internal sealed class MemoryPartition(int number)
{
    private readonly List<StoredMessage> _messages = [];
    private long _low;
    private DateTimeOffset? _lastAppendedAt;

    public long High { get; private set; }

    public long StoredBytes { get; private set; }

    public long Low => _low;

    public Position Append(Message message, DateTimeOffset now)
    {
        var appendedAt = _lastAppendedAt > now ? _lastAppendedAt.Value : now;
        var position = new Position(number, High++);
        _messages.Add(new StoredMessage(message, position, appendedAt));
        _lastAppendedAt = appendedAt;
        StoredBytes += SizeOf(message);
        return position;
    }

    public PartitionRead Read(long offset, int maxMessages, int maxBytes)
    {
        var found = new List<StoredMessage>();
        long bytes = 0;
        for (var i = IndexOf(offset); i < _messages.Count && found.Count < maxMessages; i++)
        {
            bytes += MemorySize.Of(_messages[i].Message);
            if (found.Count > 0 && bytes > maxBytes)
            {
                break;
            }

            found.Add(_messages[i]);
        }

        return new PartitionRead(_low, found);
    }

    /// <summary>All messages at or above an offset.</summary>
    public IEnumerable<StoredMessage> From(long offset) => _messages.Skip(IndexOf(offset));

    public long OffsetAt(DateTimeOffset time)
    {
        var index = Search(m => m.AppendedAt < time);
        return index == _messages.Count ? High : _messages[index].Position.Offset;
    }

    /// <summary>Removes the oldest messages below the floor that are too old or too many.</summary>
    public long Retain(TopicSettings settings, long floor, DateTimeOffset now)
    {
        var count = 0;
        var bytes = StoredBytes;
        while (count < _messages.Count
            && _messages[count].Position.Offset < floor
            && (_messages[count].AppendedAt < now - settings.RetentionAge || bytes > settings.RetentionBytes))
        {
            bytes -= SizeOf(_messages[count++].Message);
        }

        if (count > 0)
        {
            _low = _messages[count - 1].Position.Offset + 1;
            _messages.RemoveRange(0, count);
            StoredBytes = bytes;
        }

        return count;
    }

    /// <summary>Removes messages a later one of the same key supersedes; those without key stay. Not a gap: the low offset stays.</summary>
    public long Compact()
    {
        var newest = new Dictionary<MessageKey, long>();
        foreach (var stored in _messages.Where(m => m.Message.Key is not null))
        {
            newest[stored.Message.Key!.Value] = stored.Position.Offset;
        }

        var removed = _messages.RemoveAll(m => m.Message.Key is { } key && newest[key] != m.Position.Offset);
        StoredBytes = _messages.Sum(m => SizeOf(m.Message));
        return removed;
    }

    /// <summary>True if there is a message at or above the offset; those that were erased are none.</summary>
    public bool Holds(long offset) => _messages.Count > 0 && _messages[^1].Position.Offset >= offset;

    /// <summary>Erases the message at an offset, or puts another in its place; gives the erased one, or null if there was none. Not a gap: the low offset stays.</summary>
    public Message? Erase(long offset, Message? replacement)
    {
        var index = IndexOf(offset);
        if (index == _messages.Count || _messages[index].Position.Offset != offset)
        {
            return null;
        }

        var erased = _messages[index];
        StoredBytes += (replacement is null ? 0 : SizeOf(replacement)) - SizeOf(erased.Message);
        if (replacement is null)
        {
            _messages.RemoveAt(index);
        }
        else
        {
            _messages[index] = erased with { Message = replacement };
        }

        return erased.Message;
    }

    public PartitionDescription Describe() => new(number, _low, High, StoredBytes, _lastAppendedAt);

    private static long SizeOf(Message message) => MemorySize.Of(message) + MemorySize.Entry;

    private int IndexOf(long offset) => Search(m => m.Position.Offset < offset);

    /// <summary>The first index for which the condition, true for a prefix, is false.</summary>
    private int Search(Predicate<StoredMessage> before)
    {
        var (from, until) = (0, _messages.Count);
        while (from < until)
        {
            var middle = (from + until) / 2;
            (from, until) = before(_messages[middle]) ? (middle + 1, until) : (from, middle);
        }

        return from;
    }
}
