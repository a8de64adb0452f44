using System.Security.Cryptography;
using MimeKit;
using MimeKit.Utils;

namespace Trunkline.Mail;

/// <summary>
/// Who a mail is and which conversation it belongs to (RFC 5322, 3.6.4).
/// <para>
/// The id is the Message-ID, else <c>sha256:</c> and the hash of the mail's bytes. The conversation is the thread's root: the
/// first id of References, else the first of In-Reply-To, else the mail's own id. A mail that names no other mail begins a
/// conversation of its own; like subjects or participants are never taken for a thread, because one wrong guess would put a
/// stranger's mail into a customer's conversation.
/// </para>
/// </summary>
internal sealed record MailThread(string Id, string IdSource, string Conversation, string ConversationSource, string? InReplyTo, IReadOnlyList<string> References)
{
    // RFC 5322 allows lines of 998 characters; a longer id is not one, and would make an unwieldy key.
    private const int IdLengthMax = 998;

    // References of long threads are cut by every mail program; the root and the latest matter.
    private const int ReferencesMax = 100;

    public static MailThread Of(HeaderList headers, ReadOnlySpan<byte> mail)
    {
        var ownId = Ids(headers, HeaderId.MessageId).FirstOrDefault();
        var id = ownId ?? "sha256:" + Convert.ToHexStringLower(SHA256.HashData(mail));
        var inReplyTo = Ids(headers, HeaderId.InReplyTo).FirstOrDefault();
        var references = Ids(headers, HeaderId.References).Take(ReferencesMax).ToArray();
        var root = references.FirstOrDefault() ?? inReplyTo;
        var rootSource = references.Length > 0 ? "references" : inReplyTo is not null ? "in-reply-to" : "id";
        return new MailThread(id, ownId is null ? "content" : "message-id", root ?? id, rootSource, inReplyTo, references);
    }

    private static IEnumerable<string> Ids(HeaderList headers, HeaderId field)
    {
        foreach (var header in headers.Where(header => header.Id == field))
        {
            foreach (var id in MimeUtils.EnumerateReferences(header.RawValue, 0, header.RawValue.Length))
            {
                var clean = CleanText.Line(id, IdLengthMax + 1);
                if (clean.Length is > 0 and <= IdLengthMax)
                {
                    yield return clean;
                }
            }
        }
    }
}
