using System.Buffers.Text;
using System.Text;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Events;

/// <summary>
/// Where a reader stands in a topic, as opaque text. Layout before base64url: version 1, murmur2 of the topic's name (4 bytes),
/// first partition and number of partitions as varints, then the next offset of each as a varint.
/// </summary>
internal sealed class TopicCursor
{
    private const byte Version = 1;
    private const int TextLengthMax = 16 * 1024;

    private readonly int _first;

    private TopicCursor(int first, long[] next)
    {
        _first = first;
        Next = next;
    }

    /// <summary>The next offset wanted of each partition covered.</summary>
    public long[] Next { get; }

    /// <summary>The partitions covered.</summary>
    public IEnumerable<int> Partitions => Enumerable.Range(_first, Next.Length);

    /// <summary>Covers all partitions from these offsets.</summary>
    public static TopicCursor All(long[] next) => new(0, next);

    /// <summary>Covers one partition.</summary>
    public static TopicCursor One(int partition, long next) => new(partition, [next]);

    /// <summary>The partition at an index of <see cref="Next"/>.</summary>
    public int PartitionAt(int index) => _first + index;

    /// <summary>Covers the same partitions at other offsets.</summary>
    public TopicCursor Moved(long[] next) => new(_first, next);

    /// <summary>Reads a cursor of this topic.</summary>
    public static TopicCursor Parse(string text, string topic, int partitions)
    {
        var bytes = text.Length is > 0 and <= TextLengthMax && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : [];
        var at = 5;
        if (bytes.Length <= at || bytes[0] != Version || BitConverter.ToInt32(bytes, 1) != Hash(topic)
            || !TryRead(bytes, ref at, out var first) || !TryRead(bytes, ref at, out var count)
            || count < 1 || first + count > partitions)
        {
            throw Invalid();
        }

        var next = new long[count];
        for (var i = 0; i < next.Length; i++)
        {
            next[i] = TryRead(bytes, ref at, out var offset) ? offset : throw Invalid();
        }

        return at == bytes.Length ? new TopicCursor((int)first, next) : throw Invalid();
    }

    /// <summary>The cursor as text.</summary>
    public string Format(string topic)
    {
        Span<byte> bytes = stackalloc byte[Next.Length <= 64 ? 25 + (64 * 10) : 0];
        bytes = bytes.IsEmpty ? new byte[25 + (Next.Length * 10)] : bytes;
        bytes[0] = Version;
        BitConverter.TryWriteBytes(bytes[1..], Hash(topic));
        var at = 5;
        Write(bytes, ref at, _first);
        Write(bytes, ref at, Next.Length);
        foreach (var offset in Next)
        {
            Write(bytes, ref at, offset);
        }

        return Base64Url.EncodeToString(bytes[..at]);
    }

    private static void Write(Span<byte> bytes, ref int at, long value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes[at++] = (byte)(value | 0x80);
        }

        bytes[at++] = (byte)value;
    }

    private static bool TryRead(byte[] bytes, ref int at, out long value)
    {
        value = 0;
        for (var shift = 0; shift < 63 && at < bytes.Length; shift += 7)
        {
            var part = bytes[at++];
            value |= (long)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private static int Hash(string topic) => Murmur2.Hash(Encoding.UTF8.GetBytes(topic));

    private static ProblemException Invalid() => new(ErrorCodes.CursorInvalid, "The cursor is not one this node gave for this topic.");
}
