using System.Collections.Concurrent;
using Trunkline.Mail.Servers;
using Trunkline.Mail.Smtp;
using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;
using Trunkline.Server.Templates;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>
/// Sends messages as mails. What the server refuses for good (5xx) is refused; what may pass (4xx, no answer, no connection) comes later. The
/// Message-ID is made of the receipt, which is the same at every try. Connections are kept for the next mail, and closed when none comes.
/// Thread-safe.
/// </summary>
internal sealed class SmtpSink : ISinkConnector
{
    private readonly SmtpSinkConfig _sink;
    private readonly MailServer _server;
    private readonly TimeProvider _time;
    private readonly MailMaker _maker;
    private readonly ConcurrentBag<SmtpSender> _idle = [];
    private readonly ConcurrentBag<SinkValues> _values = [];
    private readonly ITimer _closing;

    public SmtpSink(SmtpSinkConfig sink, MailServer server, TimeProvider time)
    {
        (_sink, _server, _time, _maker) = (sink, server, time, new MailMaker(sink));
        _closing = time.CreateTimer(_ => Close(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        OutgoingMail mail;
        var values = _values.TryTake(out var used) ? used : new SinkValues();
        try
        {
            mail = await _maker.MakeAsync(message, values, _time.GetUtcNow());
        }
        catch (ExpressionException failed) when (!failed.IsTransient)
        {
            return new SinkAnswer.Refused(failed.Message) { Code = failed.Code };
        }
        catch (ExpressionException failed)
        {
            return new SinkAnswer.Later(failed.Message) { Code = failed.Code };
        }
        catch (TemplateException failed)
        {
            return new SinkAnswer.Refused(failed.Message) { Code = "sink.template-failed" };
        }
        catch (FormatException invalid)
        {
            return new SinkAnswer.Refused(invalid.Message) { Code = "sink.mail-invalid" };
        }
        finally
        {
            _values.Add(values);
        }

        return await SendAsync(mail, cancellationToken);
    }

    private async ValueTask<SinkAnswer> SendAsync(OutgoingMail mail, CancellationToken cancellationToken)
    {
        var sender = _idle.TryTake(out var kept) ? kept : new SmtpSender(_server, _sink.Notify, _sink.Bounces);
        try
        {
            await sender.SendAsync(mail, _time, cancellationToken);
            return new SinkAnswer.Sent(mail.Receipt);
        }
        catch (FormatException invalid)
        {
            return new SinkAnswer.Refused(invalid.Message) { Code = "sink.mail-invalid" };
        }
        catch (MailServerException failed)
        {
            return failed.Failure switch
            {
                MailServerFailure.Refused => new SinkAnswer.Refused(failed.Message),
                MailServerFailure.NotAllowed => new SinkAnswer.Refused(failed.Message) { Code = "sink.address-refused" },
                MailServerFailure.RefusedForNow or MailServerFailure.LoginRefused => new SinkAnswer.Later(failed.Message),
                _ => new SinkAnswer.Later(failed.Message) { Code = "sink.unreachable" },
            };
        }
        finally
        {
            _idle.Add(sender);
            _closing.Change(SmtpSender.KeptFor, Timeout.InfiniteTimeSpan);
        }
    }

    private void Close()
    {
        while (_idle.TryTake(out var sender))
        {
            sender.Dispose();
        }
    }
}
