namespace Trunkline.Mail.Mbox;

/// <summary>
/// Takes an mbox file apart (RFC 4155): a mail begins with a line <c>From </c> at the file's start or after an empty line. Quoting of the
/// mboxrd kind (<c>&gt;From </c>) is taken back. Bytes are read from any place a mail begins at; a mail is whole only once the next begins, or
/// the file has rested. Not thread-safe.
/// </summary>
/// <param name="file">The file; read from its position on.</param>
/// <param name="position">Where that is: the begin of a mail.</param>
/// <param name="mailBytesMax">A larger mail is told by its place only.</param>
public sealed class MboxReader(Stream file, long position, int mailBytesMax)
{
    private const int BufferBytes = 64 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _begin;
    private int _end;
    private long _at = position;

    /// <summary>The next mail; null if there is none, or none that is known to be whole.</summary>
    /// <param name="isLast">Whether the end of the file ends the mail.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">No mail begins there: the file is no mbox, or was changed.</exception>
    public async ValueTask<MboxMail?> ReadAsync(bool isLast, CancellationToken cancellationToken)
    {
        var start = _at;
        using var mail = new MemoryStream();
        var state = new Lines();
        while (await LineAsync(cancellationToken).ConfigureAwait(false) is { Length: > 0 } line)
        {
            if (state.Begin(line.Span, _at == start))
            {
                return new MboxMail(start, _at, state.IsTooLarge ? null : Content(mail));
            }

            if (_at == start && !state.IsInMail)
            {
                throw new InvalidDataException($"At byte {start} no mail begins: there is no line 'From '.");
            }

            Take(line);
            state.Add(line.Span, mail, mailBytesMax);
        }

        return isLast && state.IsInMail ? new MboxMail(start, _at, state.IsTooLarge ? null : Content(mail)) : null;
    }

    private static byte[] Content(MemoryStream mail)
    {
        // The empty line before the next mail belongs to the format.
        var bytes = mail.ToArray();
        return bytes.AsSpan().EndsWith("\r\n\r\n"u8) ? bytes[..^2] : bytes.AsSpan().EndsWith("\n\n"u8) ? bytes[..^1] : bytes;
    }

    private void Take(ReadOnlyMemory<byte> line)
    {
        _begin += line.Length;
        _at += line.Length;
    }

    /// <summary>The next line with its end, or as much of it as the buffer holds; empty at the end of the file.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> LineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_begin, _end - _begin).IndexOf((byte)'\n') + 1;
            if (length > 0 || _end - _begin == BufferBytes)
            {
                return _buffer.AsMemory(_begin, length > 0 ? length : BufferBytes);
            }

            _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
            (_begin, _end) = (0, _end - _begin);
            var read = await file.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return _buffer.AsMemory(0, _end);
            }

            _end += read;
        }
    }

    /// <summary>Where in a mail the lines are.</summary>
    private sealed class Lines
    {
        private bool _afterEmpty;
        private bool _midLine;
        private bool _any;

        public bool IsInMail { get; private set; }

        public bool IsTooLarge { get; private set; }

        /// <summary>True if another mail begins with the line.</summary>
        public bool Begin(ReadOnlySpan<byte> line, bool isFirst)
        {
            if (_midLine || !line.StartsWith("From "u8))
            {
                return false;
            }

            if (isFirst)
            {
                IsInMail = true;
                return false;
            }

            return _afterEmpty;
        }

        public void Add(ReadOnlySpan<byte> line, MemoryStream mail, int bytesMax)
        {
            var isEnvelope = !_any;
            var quoted = !_midLine && line.Length > 5 && line[0] == '>' && line.TrimStart((byte)'>').StartsWith("From "u8);
            _any = true;
            _afterEmpty = !_midLine && (line.SequenceEqual("\n"u8) || line.SequenceEqual("\r\n"u8));
            _midLine = line[^1] != '\n';
            if (isEnvelope || IsTooLarge)
            {
                return;
            }

            if (mail.Length + line.Length > bytesMax)
            {
                IsTooLarge = true;
                mail.SetLength(0);
                return;
            }

            mail.Write(quoted ? line[1..] : line);
        }
    }
}

/// <summary>A mail of an mbox file.</summary>
/// <param name="Start">Where its line <c>From </c> begins.</param>
/// <param name="End">Where the next mail begins, or the file ends.</param>
/// <param name="Content">Its bytes without that line; null if it is larger than is read.</param>
public sealed record MboxMail(long Start, long End, byte[]? Content);
