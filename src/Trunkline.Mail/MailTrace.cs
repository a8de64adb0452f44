using MimeKit;

namespace Trunkline.Mail;

/// <summary>The trace a mail says it belongs to.</summary>
public static class MailTrace
{
    /// <summary>Bytes of a mail that are looked through for it.</summary>
    public const int HeaderBytesMax = 64 * 1024;

    private const string Name = "traceparent";

    /// <summary>What the mail's own header <c>traceparent</c> says, unfolded; null if it has none, or several, of which nobody could tell which counts.</summary>
    /// <param name="mail">The mail.</param>
    public static string? ParentOf(ReadOnlyMemory<byte> mail)
    {
        using var stream = new MemoryView(mail[..Math.Min(mail.Length, HeaderBytesMax)]);
        try
        {
            return HeaderList.Load(stream).Where(header => header.Field.Equals(Name, StringComparison.OrdinalIgnoreCase)).Take(2).ToArray() is [var only] ? only.Value.Trim() : null;
        }
        catch (FormatException)
        {
            // These bytes do not begin with headers: whoever parses the mail says so.
            return null;
        }
    }
}
