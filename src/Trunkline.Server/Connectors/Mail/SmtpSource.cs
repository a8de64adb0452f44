using System.Net.Sockets;
using Trunkline.Mail.Smtp;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Http;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>
/// An SMTP server as source. Like requests over HTTP, a mail is answered once its message is committed; a sender that got no answer sends the
/// same bytes again, which give the same id and are recognised at the topics. What cannot be listened on is tried again.
/// </summary>
internal sealed class SmtpSource : IFlowSource, IMailTaker
{
    // Within the ten minutes a sender waits for the last answer (RFC 5321, 4.5.3.2.6), and with room for its own bound.
    private static readonly TimeSpan CommitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ListenAgain = TimeSpan.FromSeconds(5);

    private readonly MailSourceOptions _options;
    private readonly SmtpSourceConfig _config;
    private readonly HttpIntake _intake = new();
    private readonly HttpSource _requests;
    private SmtpReceiver? _receiver;
    private int _slow;
    private volatile string? _trouble;

    public SmtpSource(MailSourceOptions options, SmtpSourceConfig config)
    {
        (_options, _config) = (options, config);
        _requests = new HttpSource(config.Origin(options.Flow), _intake, options.Time);
    }

    public string Topic => _requests.Topic;

    public FencingToken? Fence => null;

    public DedupeMode Dedupe => DedupeMode.ById;

    public string? Trouble => _trouble;

    /// <inheritdoc/>
    public bool IsReady => Volatile.Read(ref _slow) == 0;

    public async ValueTask<SubscriptionEvent> ReceiveAsync(int maxMessages, CancellationToken cancellationToken)
    {
        while (_receiver is null)
        {
            try
            {
                var certificate = _config.Certificate is { } path ? new CertificateFile(path, _config.Key) : null;
                _receiver = SmtpReceiver.Start(OptionsOf(certificate), this);
                _trouble = null;
                Log.Listening(_options.Log, _options.Flow, _receiver.EndPoint.ToString());
            }
            catch (Exception failed) when (failed is SocketException or IOException or System.Security.Cryptography.CryptographicException or UnauthorizedAccessException)
            {
                _trouble = failed is SocketException socket ? $"cannot listen on {_config.Listen}: {socket.SocketErrorCode}" : "the certificate cannot be read, or does not go with its key";
                Log.ListeningFailed(_options.Log, _options.Flow, _trouble, ListenAgain, failed);
                await Task.Delay(ListenAgain, _options.Time, cancellationToken);
            }
        }

        return await _requests.ReceiveAsync(maxMessages, cancellationToken);
    }

    public void Pause(int partition) => _requests.Pause(partition);

    public void Resume(int partition) => _requests.Resume(partition);

    public void Record(int partition, IReadOnlyList<CompletedMessage> completed, Progress progress, UnitDraft unit) => _requests.Record(partition, completed, progress, unit);

    public void Committed(int partition, IReadOnlyList<CompletedMessage> completed) => _requests.Committed(partition, completed);

    /// <inheritdoc/>
    public async Task<SmtpVerdict> TakeAsync(ReceivedMail mail, CancellationToken cancellationToken)
    {
        var taking = _intake.AcceptAsync(MessageOf(mail), null, cancellationToken);
        var isSlow = false;
        try
        {
            if (await Task.WhenAny(taking, Task.Delay(SlowAfter, _options.Time, cancellationToken)) != taking)
            {
                // Others that would wait as long are told at once.
                isSlow = true;
                Interlocked.Increment(ref _slow);
            }

            return await taking.WaitAsync(CommitMax, _options.Time, cancellationToken) switch
            {
                IntakeResult.Overloaded => SmtpVerdict.Later,
                IntakeResult.Closed => SmtpVerdict.Closing,
                _ => SmtpVerdict.Stored,
            };
        }
        catch (TimeoutException)
        {
            return SmtpVerdict.Later;
        }
        finally
        {
            if (isSlow)
            {
                Interlocked.Decrement(ref _slow);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        // First the answers of what was handed in, then the connections they go out on.
        _intake.Dispose();
        await _requests.DisposeAsync();
        if (_receiver is { } receiver)
        {
            await receiver.DisposeAsync();
        }
    }

    private SmtpReceiverOptions OptionsOf(CertificateFile? certificate) => new()
    {
        Listen = _config.Listen,
        HostName = _config.HostName,
        Recipients = new SmtpRecipients(_config.Recipients),
        Certificate = certificate is null ? null : certificate.Current,
        RequireTls = _config.RequireTls,
        MailBytesMax = _config.MailBytesMax,
        ConnectionsMax = _config.ConnectionsMax,
        ConnectionsPerClientMax = _config.ConnectionsPerClientMax,
        Timeout = _config.Timeout,
        Time = _options.Time,
    };

    private Message MessageOf(ReceivedMail mail)
    {
        var content = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(mail.Content.Span));
        var recipients = string.Join(' ', mail.Recipients);
        return new Message
        {
            Id = new MessageId("smtp-" + StableId.Of(_options.Flow, mail.From, recipients, content)),
            Source = "/smtp/" + Uri.EscapeDataString(_options.Flow),
            ContentType = "message/rfc822",
            Headers = IncomingTrace.With(
                [
                    new Header(MailHeaders.From, mail.From),
                    new Header(MailHeaders.To, recipients),
                    new Header(MailHeaders.Client, mail.Client.ToString()),
                ],
                mail.Content),
            Payload = mail.Content,
        };
    }
}
