using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf;

/// <summary>
/// Which message of a file a payload is, as Confluent's clients write it after the schema's id: a count and that many places, zig-zag, the first
/// among the file's messages, the next among that message's. A zero alone is the first message.
/// </summary>
internal static class MessageIndexes
{
    private const int BytesMax = 5;

    /// <summary>How many bytes they take at the front of some; -1 if they are none.</summary>
    public static int Length(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        if (!TryRead(bytes, ref at, out var count))
        {
            return -1;
        }

        // Messages are nested that deep at most; a larger count is no list of places.
        for (var i = 0; i < count && count <= Reading.ProtoParser.DepthMax; i++)
        {
            if (!TryRead(bytes, ref at, out _))
            {
                return -1;
            }
        }

        return count is >= 0 and <= Reading.ProtoParser.DepthMax ? at : -1;
    }

    /// <summary>The message; without places the first one; null if there is none.</summary>
    public static MessageDescriptor? Find(FileDescriptor file, ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        if (!TryRead(bytes, ref at, out var count) || count == 0)
        {
            return file.MessageTypes.FirstOrDefault();
        }

        var (types, found) = ((IList<MessageDescriptor>)[.. file.MessageTypes], (MessageDescriptor?)null);
        for (var i = 0; i < count; i++)
        {
            if (!TryRead(bytes, ref at, out var place) || place < 0 || place >= types.Count)
            {
                return null;
            }

            found = types[place];

            // The messages that stand for entries of maps do not count.
            types = [.. found.NestedTypes.Where(one => !one.IsMapEntry)];
        }

        return found;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, ref int at, out int value)
    {
        var raw = 0UL;
        for (var i = 0; i < BytesMax && at < bytes.Length; i++)
        {
            var one = bytes[at++];
            raw |= (ulong)(one & 0x7F) << (7 * i);
            if (one < 0x80)
            {
                value = (int)(raw >> 1) ^ -(int)(raw & 1);
                return raw <= uint.MaxValue;
            }
        }

        value = 0;
        return false;
    }
}
