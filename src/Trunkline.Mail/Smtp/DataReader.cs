using System.Buffers;

namespace Trunkline.Mail.Smtp;

/// <summary>
/// Takes the bytes after DATA apart: finds the end, takes stuffed dots out, and notes what must be refused. Only CR LF ends a line: taking a
/// lone LF or CR for one is how mails are smuggled past servers that see it otherwise. Not thread-safe.
/// </summary>
/// <param name="bytesMax">The largest mail.</param>
/// <param name="headerBytesMax">The largest block of headers.</param>
internal sealed class DataReader(int bytesMax, int headerBytesMax)
{
    private readonly ArrayBufferWriter<byte> _mail = new(4096);
    private At _at = At.LineStart;
    private bool _inHeaders = true;

    private enum At
    {
        LineStart,
        Dot,
        DotCr,
        Text,
        Cr,
    }

    /// <summary>Why it cannot be taken; null if it can.</summary>
    public SmtpReply? Fault { get; private set; }

    /// <summary>What came so far, as long as there is no fault.</summary>
    public ReadOnlyMemory<byte> Mail => _mail.WrittenMemory;

    /// <summary>Bytes that came, also those that were let go.</summary>
    public long Received { get; private set; }

    /// <summary>Lets go what came: the mail is refused as it ends.</summary>
    public void Refuse(SmtpReply fault)
    {
        Fault ??= fault;
        _mail.ResetWrittenCount();
    }

    /// <summary>Reads on. True at the end of the mail; <paramref name="used"/> bytes belong to it.</summary>
    public bool Read(ReadOnlySpan<byte> bytes, out int used)
    {
        used = 0;
        while (used < bytes.Length)
        {
            var b = bytes[used];
            switch (_at)
            {
                case At.LineStart when b == '.':
                    _at = At.Dot;
                    used++;
                    break;
                case At.LineStart:
                    _inHeaders &= b != '\r';
                    _at = At.Text;
                    break;
                case At.Dot when b == '\r':
                    _at = At.DotCr;
                    used++;
                    break;
                case At.Dot:
                    _at = At.Text;
                    break;
                case At.DotCr when b == '\n':
                    Received += ++used;
                    return true;
                case At.DotCr:
                    Refuse(SmtpReply.BareLineEnd);
                    _at = At.Text;
                    break;
                case At.Cr when b == '\n':
                    Write("\r\n"u8);
                    _at = At.LineStart;
                    used++;
                    break;
                case At.Cr:
                    Refuse(SmtpReply.BareLineEnd);
                    _at = At.Text;
                    break;
                default:
                    used += ReadText(bytes[used..]);
                    break;
            }
        }

        Received += used;
        return false;
    }

    private int ReadText(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
        Write(end < 0 ? bytes : bytes[..end]);
        if (end < 0)
        {
            return bytes.Length;
        }

        if (bytes[end] == '\r')
        {
            _at = At.Cr;
        }
        else
        {
            Refuse(SmtpReply.BareLineEnd);
        }

        return end + 1;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (Fault is not null)
        {
            return;
        }

        if (_mail.WrittenCount + bytes.Length > bytesMax)
        {
            Refuse(SmtpReply.TooLarge);
        }
        else if (_inHeaders && _mail.WrittenCount + bytes.Length > headerBytesMax)
        {
            Refuse(SmtpReply.HeadersTooLarge);
        }
        else
        {
            _mail.Write(bytes);
        }
    }
}
