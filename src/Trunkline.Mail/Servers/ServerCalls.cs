using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace Trunkline.Mail.Servers;

/// <summary>Runs calls of a mail library with a bound on time, and tells their failures as <see cref="MailServerException"/>.</summary>
internal static class ServerCalls
{
    /// <summary>Connects, encrypts as asked, verifies, and logs in.</summary>
    public static async Task<MeteredStream> OpenAsync(MailService service, MailServer server, CancellationToken cancellationToken)
    {
        service.CheckCertificateRevocation = false;
        service.ServerCertificateValidationCallback = TrustedRoots.CallbackFor(server);
        service.Timeout = Timeout.Infinite;
        return await RunAsync(server, server.Timeout, OpenBoundedAsync, cancellationToken).ConfigureAwait(false);

        async Task<MeteredStream> OpenBoundedAsync(CancellationToken token)
        {
            var stream = new MeteredStream(await server.Connect(server.Host, server.Port, token).ConfigureAwait(false));
            var options = server.Tls switch
            {
                MailTls.On => SecureSocketOptions.SslOnConnect,
                MailTls.StartTls => SecureSocketOptions.StartTls,
                _ => SecureSocketOptions.None,
            };
            await service.ConnectAsync(stream, server.Host, server.Port, options, token).ConfigureAwait(false);
            if (server.User is { } user)
            {
                await service.AuthenticateAsync(user, server.Password ?? "", token).ConfigureAwait(false);
            }

            return stream;
        }
    }

    /// <summary>Runs a call for at most the given time.</summary>
    public static async Task<T> RunAsync<T>(MailServer server, TimeSpan longest, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(longest);
        try
        {
            return await call(bounded.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(MailServerFailure.Unreachable, $"{server} gave no answer within {Seconds(longest)} s", late);
        }
        catch (OperationCanceledException)
        {
            throw;
        }
        catch (Exception failed) when (FailureOf(server, failed) is { } failure)
        {
            throw failure;
        }
    }

    private static MailServerException? FailureOf(MailServer server, Exception failed) => failed switch
    {
        MailServerException known => known,
        SslHandshakeException => Failed(MailServerFailure.NotTrusted, $"{server} has no certificate that is trusted for this name, or speaks no TLS there", failed),
        NotSupportedException when server.Tls == MailTls.StartTls => Failed(MailServerFailure.NotTrusted, $"{server} does not offer STARTTLS", failed),
        AuthenticationException or SaslException => Failed(MailServerFailure.LoginRefused, $"{server} did not accept user and password", failed),
        FolderNotFoundException => Failed(MailServerFailure.FolderMissing, $"{server} has no such folder", failed),
        SmtpCommandException refused => Refused(server, refused),
        ImapCommandException => Failed(MailServerFailure.Refused, $"{server} refused a request", failed),
        SmtpProtocolException or SocketException => Failed(MailServerFailure.Unreachable, $"no connection to {server}, or it broke", failed),
        ProtocolException or FormatException => Failed(MailServerFailure.Garbage, $"{server} said what cannot be understood, or broke off", failed),
        FolderNotOpenException => Failed(MailServerFailure.Refused, $"{server} opened the folder for reading only", failed),
        InvalidOperationException => Failed(MailServerFailure.Unreachable, $"no connection to {server}, or it broke", failed),
        NotSupportedException => Failed(MailServerFailure.Refused, $"{server} does not offer what is needed, such as a way to log in", failed),
        InvalidDataException => Failed(MailServerFailure.Garbage, $"{server} sent more than it may", failed),
        IOException io => Failed(MailServerFailure.Unreachable, io.GetType() == typeof(IOException) ? $"no connection to {server}, or it broke" : io.Message, failed),
        _ => null,
    };

    private static MailServerException Refused(MailServer server, SmtpCommandException refused)
    {
        var status = (int)refused.StatusCode;
        return new MailServerException(
            status is >= 500 and < 600 ? MailServerFailure.Refused : MailServerFailure.RefusedForNow,
            string.Create(CultureInfo.InvariantCulture, $"{server} answered {status} to {What(refused.ErrorCode)}"),
            refused)
        { Status = status };
    }

    private static string What(SmtpErrorCode code) => code switch
    {
        SmtpErrorCode.SenderNotAccepted => "the sender",
        SmtpErrorCode.RecipientNotAccepted => "a recipient",
        SmtpErrorCode.MessageNotAccepted => "the mail",
        _ => "a command",
    };

    private static MailServerException Failed(MailServerFailure failure, string message, Exception inner) => new(failure, message, inner);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
