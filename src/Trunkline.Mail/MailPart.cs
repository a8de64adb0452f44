using MimeKit;
using MimeKit.Utils;

namespace Trunkline.Mail;

/// <summary>A leaf of a mail: where its content lies in the mail's bytes, still encoded, and what its headers say of it.</summary>
internal sealed record MailPart(ContentType Type, HeaderList Headers, int Start, int End)
{
    /// <summary>An attached mail: its content is not decoded.</summary>
    public bool IsMail { get; init; }

    public ContentEncoding Encoding =>
        !IsMail && Headers[HeaderId.ContentTransferEncoding] is { } value && MimeUtils.TryParse(value, out ContentEncoding encoding)
            ? encoding
            : ContentEncoding.Default;

    public ContentDisposition? Disposition =>
        Headers[HeaderId.ContentDisposition] is { } value && ContentDisposition.TryParse(value, out var disposition) ? disposition : null;

    /// <summary>Text that is meant to be read in the mail itself.</summary>
    public bool IsInlineText => !IsMail && Type.IsMimeType("text", "*") && Disposition?.IsAttachment != true;

    /// <summary>The content, decoded into <paramref name="target"/>.</summary>
    public void DecodeTo(ReadOnlyMemory<byte> mail, Stream target, CancellationToken cancellationToken)
    {
        using var source = new MemoryView(mail[Start..End]);
        using var content = new MimeContent(source, Encoding);
        content.DecodeTo(target, cancellationToken);
    }
}
