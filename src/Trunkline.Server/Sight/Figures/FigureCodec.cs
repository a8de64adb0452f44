using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Sight.Figures;

/// <summary>The bytes of a slot of kept figures, version 1; described in docs/formats/figures.md.</summary>
internal static class FigureCodec
{
    /// <summary>Content type of a slot.</summary>
    public const string ContentType = "application/vnd.trunkline.figures";

    private const byte Version = 1;
    private const int NameBytesMax = 4096;

    /// <summary>Writes a slot. Series are sorted, and share the beginning of their names with the one before.</summary>
    public static ReadOnlyMemory<byte> Write(FigureSlot slot)
    {
        var bytes = new OutcomeBytes();
        bytes.Byte(Version);
        bytes.Byte((byte)slot.Span);
        bytes.Number((ulong)(slot.Start.ToUnixTimeSeconds() / 60));
        bytes.Number((ulong)slot.Values.Count);
        byte[] before = [];
        foreach (var (series, value) in slot.Values.Select(v => (Encoding.UTF8.GetBytes(v.Key), v.Value)).OrderBy(v => v.Item1, Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b))))
        {
            var shared = before.AsSpan().CommonPrefixLength(series);
            bytes.Number((ulong)shared);
            bytes.Bytes(series.AsSpan(shared));
            Write(bytes, value);
            before = series;
        }

        return bytes.Memory;
    }

    /// <summary>Reads a slot.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.StoreDamaged"/>: the payload is not what is written here.</exception>
    public static FigureSlot Read(StoredMessage stored)
    {
        try
        {
            return Read(new OutcomeCursor(stored.Message.Payload));
        }
        catch (Exception damage) when (damage is InvalidDataException or ArgumentException)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, FormattableString.Invariant($"The figures at offset {stored.Position.Offset} cannot be read: {damage.Message}."), damage);
        }
    }

    private static void Write(OutcomeBytes bytes, FigureValue value)
    {
        bytes.Byte((byte)value.Counts.Length);
        foreach (var count in value.Counts)
        {
            bytes.Signed(count);
        }

        var groups = value.Times?.Filled().ToList() ?? [];
        bytes.Number((ulong)groups.Count);
        var last = 0;
        foreach (var (group, count) in groups)
        {
            bytes.Number((ulong)(group - last));
            bytes.Number((ulong)count);
            last = group;
        }
    }

    private static FigureSlot Read(OutcomeCursor cursor)
    {
        if (cursor.Byte() != Version)
        {
            throw new InvalidDataException("it is of another version");
        }

        var span = (FigureSpan)cursor.Byte();
        var minutes = cursor.Number();
        if (!Enum.IsDefined(span) || minutes > (ulong)(DateTimeOffset.MaxValue.ToUnixTimeSeconds() / 60))
        {
            throw new InvalidDataException("its time is none");
        }

        var count = cursor.Count();
        var values = new Dictionary<string, FigureValue>(count, StringComparer.Ordinal);
        byte[] name = [];
        for (var i = 0; i < count; i++)
        {
            var shared = cursor.Number();
            var rest = cursor.Bytes();
            if (shared > (ulong)name.Length || (int)shared + rest.Length > NameBytesMax)
            {
                throw new InvalidDataException("a name in it is none");
            }

            name = [.. name.AsSpan(0, (int)shared), .. rest.Span];
            values.Add(Encoding.UTF8.GetString(name), ReadValue(ref cursor));
        }

        return new FigureSlot(span, DateTimeOffset.FromUnixTimeSeconds((long)minutes * 60), values);
    }

    private static FigureValue ReadValue(ref OutcomeCursor cursor)
    {
        var counts = new long[cursor.Byte() is var length and <= FigureValue.CountsMax ? length : throw new InvalidDataException("it counts too much")];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = cursor.Signed();
        }

        var groups = cursor.Count();
        var times = groups == 0 ? null : new LatencySketch();
        var group = 0UL;
        for (var i = 0; i < groups; i++)
        {
            group += cursor.Number();
            var count = cursor.Number();
            if (group >= LatencySketch.Groups || count > int.MaxValue)
            {
                throw new InvalidDataException("a time in it is none");
            }

            times!.Fill((int)group, (int)count);
        }

        return FigureValue.Of(times, counts);
    }
}
