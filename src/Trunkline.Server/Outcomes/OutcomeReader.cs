using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Outcomes;

/// <summary>Reads what <see cref="OutcomeBatch"/> writes. Ids and keys are slices of the payload.</summary>
internal static class OutcomeReader
{
    private static readonly OutcomeContext None = new("", 0, 0, "", "", [], []);

    /// <summary>The rows of a message of an outcome topic, in order; none if it is another version's.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.StoreDamaged"/>: the payload is not what Trunkline writes.</exception>
    public static List<OutcomeRow> Read(StoredMessage stored)
    {
        var rows = new List<OutcomeRow>();
        if (stored.Message.ContentType != OutcomeLayout.ContentType)
        {
            return rows;
        }

        var payload = stored.Message.Payload;
        try
        {
            var batch = new OutcomeCursor(payload);
            if (batch.Byte() != OutcomeLayout.Version)
            {
                throw new InvalidDataException("it is of a newer version");
            }

            while (!batch.AtEnd)
            {
                Read(batch.Bytes(), rows);
            }

            return rows;
        }
        catch (InvalidDataException damage)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, FormattableString.Invariant($"The outcomes at offset {stored.Position.Offset} cannot be read: {damage.Message}."), damage);
        }
    }

    private static void Read(ReadOnlyMemory<byte> segment, List<OutcomeRow> rows)
    {
        var cursor = new OutcomeCursor(segment);
        var partition = (int)cursor.Number();
        var offset = (long)cursor.Number();
        var appendedAt = cursor.Signed();
        var context = None;
        while (!cursor.AtEnd)
        {
            var flags = cursor.Byte();
            if ((flags & OutcomeLayout.HasContext) != 0)
            {
                context = ReadContext(ref cursor);
            }

            offset += cursor.Signed();
            var own = context.Sink.Length == 0 ? partition : (int)cursor.Number();
            appendedAt += cursor.Signed();
            var id = cursor.Bytes();
            rows.Add(new OutcomeRow(context, own, offset, appendedAt, id, (flags & OutcomeLayout.HasKey) != 0 ? cursor.Bytes() : (ReadOnlyMemory<byte>?)null)
            {
                State = (OutcomeState)(flags & OutcomeLayout.StateMask),
                Degraded = (flags & OutcomeLayout.Degraded) != 0,
                Attempts = (flags & OutcomeLayout.HasAttempts) != 0 ? (int)cursor.Number() : 1,
                Cause = (flags & OutcomeLayout.HasCause) != 0 ? cursor.Text() : null,
            });
        }
    }

    private static OutcomeContext ReadContext(ref OutcomeCursor cursor) => new(
        cursor.Text(), (int)cursor.Number(), (long)cursor.Number(), cursor.Text(), cursor.Text(), ReadTexts(ref cursor), ReadSinks(ref cursor));

    private static string[] ReadTexts(ref OutcomeCursor cursor)
    {
        var texts = new string[cursor.Count()];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = cursor.Text();
        }

        return texts;
    }

    private static OutcomeSink[] ReadSinks(ref OutcomeCursor cursor)
    {
        var sinks = new OutcomeSink[cursor.Count()];
        for (var i = 0; i < sinks.Length; i++)
        {
            sinks[i] = new OutcomeSink(cursor.Text(), cursor.Byte() != 0);
        }

        return sinks;
    }
}

/// <summary>Reads the forms of <see cref="OutcomeBytes"/>; never past the end.</summary>
internal struct OutcomeCursor(ReadOnlyMemory<byte> bytes)
{
    private readonly ReadOnlyMemory<byte> _bytes = bytes;
    private int _at;

    public readonly bool AtEnd => _at == _bytes.Length;

    public byte Byte() => _at < _bytes.Length ? _bytes.Span[_at++] : throw new InvalidDataException("it ends too early");

    public ulong Number()
    {
        var span = _bytes.Span;
        ulong value = 0;
        for (var shift = 0; shift < 64 && _at < span.Length; shift += 7)
        {
            var part = span[_at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number in it has no end");
    }

    public long Signed() => OutcomeLayout.ZigZag(Number());

    public ReadOnlyMemory<byte> Bytes()
    {
        var length = Number();
        if (length > (ulong)(_bytes.Length - _at))
        {
            throw new InvalidDataException("a length in it passes its end");
        }

        _at += (int)length;
        return _bytes.Slice(_at - (int)length, (int)length);
    }

    public string Text() => Encoding.UTF8.GetString(Bytes().Span);

    /// <summary>How many follow; each takes a byte at least, so that a count cannot ask for more memory than the bytes justify.</summary>
    public int Count()
    {
        var count = Number();
        return count <= (ulong)(_bytes.Length - _at) ? (int)count : throw new InvalidDataException("a count in it passes its end");
    }
}
