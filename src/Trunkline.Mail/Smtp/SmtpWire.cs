using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Text;

namespace Trunkline.Mail.Smtp;

/// <summary>The connection of a session: lines and mails in, replies out, each bounded in size and time. Not thread-safe.</summary>
internal sealed class SmtpWire(Stream stream, SmtpReceiverOptions options) : IAsyncDisposable
{
    // RFC 5321 allows 512, and extensions add to it.
    private const int LineBytesMax = 2048;

    // Slower than this, a mail ties up the connection for nothing: one byte a second ends after about the time-out.
    private const int BytesPerSecondMin = 1024;

    private Stream _stream = stream;
    private PipeReader _reader = Reader(stream);

    /// <summary>Whether it is encrypted.</summary>
    public bool IsEncrypted { get; private set; }

    /// <summary>The next line without its end; null at the end of the connection.</summary>
    /// <exception cref="SmtpWireException">Too long, ended by a lone LF, or not there in time.</exception>
    public async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var started = options.Time.GetTimestamp();
        using var timer = options.Time.CreateTimer(Cancel, bounded, options.Timeout, Timeout.InfiniteTimeSpan);
        while (true)
        {
            var read = await ReadAsync(bounded.Token, cancellationToken).ConfigureAwait(false);
            if (Line(read.Buffer) is { } line)
            {
                return line;
            }

            if (read.Buffer.Length > LineBytesMax)
            {
                throw new SmtpWireException(SmtpReply.Unknown);
            }

            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }

            if (options.Time.GetElapsedTime(started) > options.Timeout)
            {
                throw new SmtpWireException(SmtpReply.TooSlow);
            }
        }
    }

    /// <summary>Reads a mail to its end; false if the connection ended before.</summary>
    /// <param name="data">Takes it.</param>
    /// <param name="took">Told after each piece.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<bool> ReadMailAsync(DataReader data, Action took, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var started = options.Time.GetTimestamp();
        using var timer = options.Time.CreateTimer(Cancel, bounded, options.Timeout, Timeout.InfiniteTimeSpan);
        while (true)
        {
            var read = await ReadAsync(bounded.Token, cancellationToken).ConfigureAwait(false);
            var end = read.Buffer.Start;
            foreach (var piece in read.Buffer)
            {
                var isEnd = data.Read(piece.Span, out var used);
                end = read.Buffer.GetPosition(used, end);
                if (isEnd)
                {
                    _reader.AdvanceTo(end);
                    return true;
                }
            }

            _reader.AdvanceTo(end);
            if (read.IsCompleted)
            {
                return false;
            }

            took();
            var left = options.Timeout + TimeSpan.FromSeconds((double)data.Received / BytesPerSecondMin) - options.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                throw new SmtpWireException(SmtpReply.TooSlow);
            }

            timer.Change(left, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>True if the client said more than was read: it may not before STARTTLS is answered, because it was not encrypted.</summary>
    public bool HasMore()
    {
        if (!_reader.TryRead(out var read))
        {
            return false;
        }

        _reader.AdvanceTo(read.Buffer.Start);
        return !read.Buffer.IsEmpty;
    }

    /// <summary>Sends replies.</summary>
    public async ValueTask WriteAsync(string text, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = options.Time.CreateTimer(Cancel, bounded, options.Timeout, Timeout.InfiniteTimeSpan);
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(text), bounded.Token).ConfigureAwait(false);
        await _stream.FlushAsync(bounded.Token).ConfigureAwait(false);
    }

    /// <summary>Encrypts from here on.</summary>
    public async ValueTask EncryptAsync(SslStreamCertificateContext certificate, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = options.Time.CreateTimer(Cancel, bounded, options.Timeout, Timeout.InfiniteTimeSpan);
        await _reader.CompleteAsync().ConfigureAwait(false);
        var encrypted = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = encrypted;
        await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = certificate }, bounded.Token).ConfigureAwait(false);
        _reader = Reader(encrypted);
        IsEncrypted = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private static PipeReader Reader(Stream stream) => PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, bufferSize: 16 * 1024));

    private static void Cancel(object? source)
    {
        try
        {
            ((CancellationTokenSource)source!).Cancel();
        }
        catch (ObjectDisposedException)
        {
            // What it bounds was over in the same moment.
        }
    }

    private async ValueTask<ReadResult> ReadAsync(CancellationToken bounded, CancellationToken cancellationToken)
    {
        try
        {
            return await _reader.ReadAsync(bounded).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SmtpWireException(SmtpReply.TooSlow);
        }
    }

    private string? Line(ReadOnlySequence<byte> buffer)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            return null;
        }

        var line = buffer.Slice(0, end);
        if (line.Length > LineBytesMax)
        {
            throw new SmtpWireException(SmtpReply.Unknown);
        }

        var bytes = line.ToArray();
        _reader.AdvanceTo(buffer.GetPosition(1, end));
        return bytes is [.., (byte)'\r'] && bytes.AsSpan(0, bytes.Length - 1).IndexOf((byte)'\r') < 0
            ? Encoding.UTF8.GetString(bytes, 0, bytes.Length - 1)
            : throw new SmtpWireException(SmtpReply.BareLineEnd);
    }
}

/// <summary>Ends a session; the reply is the last thing said.</summary>
internal sealed class SmtpWireException(SmtpReply reply) : Exception(reply.Text)
{
    public SmtpReply Reply { get; } = reply;
}
