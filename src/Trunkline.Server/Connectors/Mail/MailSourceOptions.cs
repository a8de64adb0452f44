using Microsoft.Extensions.Logging;
using Trunkline.Core.Security;
using Trunkline.Mail.Servers;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>What sources of mails are made of.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Store">The state store of its position.</param>
/// <param name="Broker">Where that is kept.</param>
/// <param name="Time">The clock.</param>
/// <param name="Log">The log.</param>
internal sealed record MailSourceOptions(string Flow, string Store, IBroker Broker, TimeProvider Time, ILogger Log);

/// <summary>Mail servers of the project as they are connected to.</summary>
internal static class MailServers
{
    public static MailServer Of(MailServerConfig config, OutgoingAddressPolicy addresses) => new(config.Host, config.Port, config.Tls)
    {
        User = config.User,
        Password = config.Password?.Value,
        TrustedRoots = config.TrustedRoots,
        Timeout = config.Timeout,
        CertificateAccepted = addresses.Peers.Note,
        Connect = async (host, port, cancellationToken) =>
        {
            try
            {
                return await addresses.ConnectAsync(host, port, cancellationToken);
            }
            catch (OutgoingAddressException refused)
            {
                throw new MailServerException(MailServerFailure.NotAllowed, refused.Message, refused);
            }
        },
    };
}

/// <summary>Headers that mail sources put on messages: the mail's envelope, and where it came from.</summary>
internal static class MailHeaders
{
    /// <summary>The envelope's sender; empty for notices.</summary>
    public const string From = "tl-mail-from";

    /// <summary>The envelope's recipients, separated by spaces.</summary>
    public const string To = "tl-mail-to";

    /// <summary>Address of the client a mail came from.</summary>
    public const string Client = "tl-mail-client";

    /// <summary>UIDVALIDITY and UID of a mail in its folder.</summary>
    public const string Uid = "tl-mail-uid";

    /// <summary>Where in its file a mail began.</summary>
    public const string Position = "tl-mail-position";
}
