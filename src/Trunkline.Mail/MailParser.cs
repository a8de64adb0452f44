using System.Globalization;

namespace Trunkline.Mail;

/// <summary>
/// Reads a mail (RFC 5322, MIME) into the JSON body of the step <c>parse: mail</c>:
/// <code>
/// { "id", "idSource": "message-id|content", "conversation", "conversationSource": "references|in-reply-to|id",
///   "inReplyTo", "references": [], "from": { "address", "name" }, "to": [], "cc": [], "replyTo": [], "subject", "date",
///   "text", "textSource": "plain|html|other|none", "headers": { "list-id": … },
///   "attachments": [ { "name", "type", "size", "sha256" } ], "sizes": { "mailBytes", "textBytes", "attachmentBytes" } }
/// </code>
/// <para>
/// <c>id</c> is the Message-ID, else <c>sha256:</c> and the hash of the mail. <c>conversation</c> is the root of the thread: the first
/// id of References, else of In-Reply-To, else the mail's own id; threads are never guessed from subjects. <c>text</c> is the plain
/// text, else the text of the HTML; declared charsets are followed, undeclared 8-bit text is UTF-8 if valid, else Windows-1252.
/// NUL and lone surrogates become U+FFFD. Contents of attachments are hashed, not kept.
/// </para>
/// Thread-safe. Any bytes give a body or a <see cref="MailFault"/>, in time and memory bounded by <see cref="MailLimits"/>.
/// </summary>
/// <param name="limits">Bounds; null for the defaults.</param>
public sealed class MailParser(MailLimits? limits = null)
{
    private readonly MailLimits _limits = limits ?? new MailLimits();

    /// <summary>Reads one mail. An mbox line ("From …") before the headers is left out of the mail.</summary>
    /// <param name="mail">The bytes as received; must not change meanwhile.</param>
    /// <param name="cancellationToken">Ends the reading between parts.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public MailParseResult Parse(ReadOnlyMemory<byte> mail, CancellationToken cancellationToken)
    {
        try
        {
            return new MailParseResult.Parsed(Read(mail, cancellationToken));
        }
        catch (MailRefusedException e)
        {
            return new MailParseResult.Refused(e.Fault);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            // The boundary to a parser fed by strangers: whatever it stumbles over is a fault of this mail, not of the flow.
            return new MailParseResult.Refused(new MailFault(MailFaultCodes.Unreadable, $"The parser failed on it ({e.GetType().Name})."));
        }
    }

    private ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> mail, CancellationToken cancellationToken)
    {
        if (mail.Length > _limits.MailBytesMax)
        {
            throw new MailRefusedException(
                MailFaultCodes.TooLarge,
                string.Create(CultureInfo.InvariantCulture, $"It has {mail.Length} bytes, the limit is {_limits.MailBytesMax}."));
        }

        mail = WithoutEnvelope(mail);
        if (mail.IsEmpty)
        {
            throw new MailRefusedException(MailFaultCodes.Empty, "It has no bytes.");
        }

        var outline = MailOutline.Read(mail, _limits, cancellationToken);
        var text = MailText.Of(outline.Parts, mail, _limits, cancellationToken);
        return new MailBody(outline, mail, cancellationToken).Write(text);
    }

    private static ReadOnlyMemory<byte> WithoutEnvelope(ReadOnlyMemory<byte> mail)
    {
        if (!mail.Span.StartsWith("From "u8))
        {
            return mail;
        }

        var end = mail.Span.IndexOf((byte)'\n');
        return end < 0 ? ReadOnlyMemory<byte>.Empty : mail[(end + 1)..];
    }
}
