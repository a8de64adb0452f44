using Trunkline.Mail.Servers;
using Trunkline.Messaging;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>Mails of a mailbox as messages.</summary>
internal static class ImapMessage
{
    /// <summary>The message of a mail; the same mail at the same place is the same message.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="server">Where it was read.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="place">UIDVALIDITY and UID.</param>
    /// <param name="content">The mail.</param>
    public static Message Of(string flow, MailServer server, string folder, string place, ReadOnlyMemory<byte> content) => new()
    {
        Id = new MessageId("imap-" + StableId.Of(flow, server.Host, server.User ?? "", folder, place)),
        Source = "/imap/" + Uri.EscapeDataString(flow),
        ContentType = "message/rfc822",
        Headers = IncomingTrace.With([new Header(MailHeaders.Uid, place)], content),
        Payload = content,
    };
}
