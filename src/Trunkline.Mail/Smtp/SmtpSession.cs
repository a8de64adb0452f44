using System.Net;
using System.Text;

namespace Trunkline.Mail.Smtp;

/// <summary>One connection to the receiver, from greeting to goodbye. For one connection; not thread-safe.</summary>
internal sealed class SmtpSession(SmtpReceiverOptions options, IMailTaker taker, SmtpRoom room, Stream stream, IPAddress client) : IAsyncDisposable
{
    // Whoever errs so often is not a mail server.
    private const int FaultsMax = 10;

    // Commands that bring no mail nearer: more of them only hold the connection.
    private const int IdleCommandsMax = 100;

    // RFC 5321, 6.3: a hundred Received fields are a loop.
    private const int ReceivedMax = 100;
    private const int RoomStep = 64 * 1024;

    private static readonly MailLimits Limits = new();

    private readonly SmtpWire _wire = new(stream, options);
    private readonly List<string> _recipients = [];
    private string? _hello;
    private string? _from;
    private int _faults;
    private int _idle;

    /// <summary>Serves until the client goes, errs too often, or the receiver stops.</summary>
    public async Task RunAsync(bool admitted, CancellationToken cancellationToken)
    {
        if (!admitted)
        {
            await _wire.WriteAsync(SmtpReply.TooManyConnections.ToString(), cancellationToken).ConfigureAwait(false);
            return;
        }

        SmtpReply? last;
        try
        {
            await _wire.WriteAsync($"220 {options.HostName} ESMTP Trunkline\r\n", cancellationToken).ConfigureAwait(false);
            last = await ConverseAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SmtpWireException ended)
        {
            last = ended.Reply;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            last = SmtpReply.Closing;
        }

        if (last is not null)
        {
            await _wire.WriteAsync(last.ToString(), CancellationToken.None).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _wire.DisposeAsync();

    /// <summary>The last reply; null if there is nobody to hear it.</summary>
    private async Task<SmtpReply?> ConverseAsync(CancellationToken cancellationToken)
    {
        while (await _wire.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (verb, argument) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..].Trim(' '));
            var reply = verb.ToUpperInvariant() switch
            {
                "EHLO" or "HELO" => Hello(argument),
                "MAIL" => Sender(argument),
                "RCPT" => Recipient(argument),
                "DATA" => await DataAsync(argument, cancellationToken).ConfigureAwait(false),
                "STARTTLS" => await StartTlsAsync(argument, cancellationToken).ConfigureAwait(false),
                "RSET" => Reset(),
                "NOOP" => Idle(SmtpReply.Ok),
                "VRFY" => Idle(SmtpReply.Verify),
                "QUIT" => SmtpReply.Goodbye,
                "HELP" or "EXPN" or "AUTH" or "BDAT" or "TURN" or "ETRN" => SmtpReply.NotHere,
                _ => SmtpReply.Unknown,
            };
            if (reply is null)
            {
                continue;
            }

            if (reply.Status is 221 or 421)
            {
                return reply;
            }

            // Lines that end otherwise may be a second mail inside the first: nothing after it is believed.
            if (reply == SmtpReply.BareLineEnd || (reply.Status >= 500 && ++_faults >= FaultsMax) || _idle >= IdleCommandsMax)
            {
                await _wire.WriteAsync(reply.ToString(), cancellationToken).ConfigureAwait(false);
                return SmtpReply.TooManyFaults;
            }

            await _wire.WriteAsync(reply == SmtpReply.Ok && verb.Equals("EHLO", StringComparison.OrdinalIgnoreCase) ? Extensions() : reply.ToString(), cancellationToken)
                .ConfigureAwait(false);
        }

        return null;
    }

    private string Extensions()
    {
        var text = new StringBuilder();
        text.Append("250-").Append(options.HostName).Append("\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n");
        if (options.Certificate is not null && !_wire.IsEncrypted)
        {
            text.Append("250-STARTTLS\r\n");
        }

        return text.Append(System.Globalization.CultureInfo.InvariantCulture, $"250 SIZE {options.MailBytesMax}\r\n").ToString();
    }

    private SmtpReply Hello(string name)
    {
        if (name.Length is 0 or > 255)
        {
            return SmtpReply.Syntax;
        }

        Reset();
        _hello = name;
        return SmtpReply.Ok;
    }

    private SmtpReply Sender(string argument)
    {
        if (_hello is null || _from is not null)
        {
            return SmtpReply.Order;
        }

        if (options.RequireTls && !_wire.IsEncrypted)
        {
            return SmtpReply.NeedsTls;
        }

        if (SmtpPath.Parse(argument, "FROM") is not { } path || path.Size < 0)
        {
            return SmtpReply.Syntax;
        }

        if (path.Parameters.Any(p => !(p is ("SIZE", _) or ("SMTPUTF8", "") or ("BODY", _)) || (p.Name == "BODY" && p.Value.ToUpperInvariant() is not ("7BIT" or "8BITMIME"))))
        {
            return SmtpReply.Parameter;
        }

        if (path.Size > options.MailBytesMax)
        {
            return SmtpReply.TooLarge;
        }

        if (!taker.IsReady)
        {
            return SmtpReply.NoRoom;
        }

        _from = path.Address;
        return SmtpReply.Ok;
    }

    private SmtpReply Recipient(string argument)
    {
        if (_from is null)
        {
            return SmtpReply.Order;
        }

        if (SmtpPath.Parse(argument, "TO") is not { Address.Length: > 0 } path)
        {
            return SmtpReply.Syntax;
        }

        if (path.Parameters.Count > 0)
        {
            return SmtpReply.Parameter;
        }

        if (!options.Recipients.Allows(path.Address))
        {
            return SmtpReply.NotTaken;
        }

        if (_recipients.Count >= SmtpReceiverOptions.RecipientsMax)
        {
            return SmtpReply.TooManyRecipients;
        }

        _recipients.Add(path.Address);
        return SmtpReply.Ok;
    }

    private async Task<SmtpReply?> DataAsync(string argument, CancellationToken cancellationToken)
    {
        if (argument.Length > 0)
        {
            return SmtpReply.Syntax;
        }

        if (_from is null || _recipients.Count == 0)
        {
            return SmtpReply.Order;
        }

        await _wire.WriteAsync(SmtpReply.GoAhead.ToString(), cancellationToken).ConfigureAwait(false);
        var data = new DataReader(options.MailBytesMax, Limits.HeaderBytesMax);
        var taken = 0L;
        try
        {
            if (!await _wire.ReadMailAsync(data, MakeRoom, cancellationToken).ConfigureAwait(false))
            {
                throw new IOException("The client went within a mail.");
            }

            var reply = data.Fault ?? HeaderFault(data.Mail.Span) ?? await TakeAsync(data.Mail, cancellationToken).ConfigureAwait(false);
            Reset();
            _idle = 0;
            return reply;
        }
        finally
        {
            room.Give(taken);
        }

        void MakeRoom()
        {
            while (data.Fault is null && taken < data.Mail.Length)
            {
                if (room.TryTake(RoomStep))
                {
                    taken += RoomStep;
                }
                else
                {
                    data.Refuse(SmtpReply.NoRoom);
                }
            }
        }
    }

    private async Task<SmtpReply> TakeAsync(ReadOnlyMemory<byte> mail, CancellationToken cancellationToken) =>
        await taker.TakeAsync(new ReceivedMail(_from!, [.. _recipients], mail, client, _wire.IsEncrypted), cancellationToken).ConfigureAwait(false) switch
        {
            SmtpVerdict.Stored => SmtpReply.Stored,
            SmtpVerdict.Closing => SmtpReply.Closing,
            _ => SmtpReply.Later,
        };

    private async Task<SmtpReply?> StartTlsAsync(string argument, CancellationToken cancellationToken)
    {
        if (options.Certificate is not { } certificate)
        {
            return SmtpReply.NotHere;
        }

        // What was said before the answer was not encrypted: whoever sits between may have added it (CVE-2011-0411).
        if (argument.Length > 0 || _wire.IsEncrypted || _wire.HasMore())
        {
            return SmtpReply.Order;
        }

        await _wire.WriteAsync(SmtpReply.ReadyForTls.ToString(), cancellationToken).ConfigureAwait(false);
        await _wire.EncryptAsync(certificate(), cancellationToken).ConfigureAwait(false);
        Reset();
        _hello = null;
        return null;
    }

    /// <summary>What can never be taken: floods of header fields, and mails that go in circles.</summary>
    private static SmtpReply? HeaderFault(ReadOnlySpan<byte> mail)
    {
        var (fields, received) = (0, 0);
        while (mail.IndexOf("\r\n"u8) is var end and > 0)
        {
            if (mail[0] is not ((byte)' ' or (byte)'\t'))
            {
                fields++;
                received += mail.Length > 9 && Ascii.EqualsIgnoreCase(mail[..9], "received:"u8) ? 1 : 0;
            }

            mail = mail[(end + 2)..];
        }

        return fields > Limits.HeadersMax ? SmtpReply.TooManyHeaders : received > ReceivedMax ? SmtpReply.Looping : null;
    }

    private SmtpReply Reset()
    {
        _from = null;
        _recipients.Clear();
        return Idle(SmtpReply.Ok);
    }

    private SmtpReply Idle(SmtpReply reply)
    {
        _idle++;
        return reply;
    }
}
