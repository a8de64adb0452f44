namespace Trunkline.Mail;

/// <summary>What became of a mail: a closed family.</summary>
public abstract record MailParseResult
{
    private MailParseResult()
    {
    }

    /// <summary>It was read.</summary>
    /// <param name="Body">A JSON object in valid UTF-8, as <see cref="MailParser"/> describes it.</param>
    public sealed record Parsed(ReadOnlyMemory<byte> Body) : MailParseResult;

    /// <summary>It was refused. Trying again cannot help.</summary>
    /// <param name="Fault">Why.</param>
    public sealed record Refused(MailFault Fault) : MailParseResult;
}

/// <summary>Why a mail was refused.</summary>
/// <param name="Code">Stable; one of <see cref="MailFaultCodes"/>.</param>
/// <param name="Detail">For people; holds numbers, never content of the mail.</param>
public sealed record MailFault(string Code, string Detail);

/// <summary>The codes of <see cref="MailFault"/>.</summary>
public static class MailFaultCodes
{
    /// <summary>No bytes at all.</summary>
    public const string Empty = "mail.empty";

    /// <summary>Over <see cref="MailLimits.MailBytesMax"/>.</summary>
    public const string TooLarge = "mail.too-large";

    /// <summary>Over <see cref="MailLimits.DepthMax"/>.</summary>
    public const string TooDeep = "mail.too-deep";

    /// <summary>Over <see cref="MailLimits.PartsMax"/>.</summary>
    public const string TooManyParts = "mail.too-many-parts";

    /// <summary>Over <see cref="MailLimits.HeadersMax"/>.</summary>
    public const string TooManyHeaders = "mail.too-many-headers";

    /// <summary>Over <see cref="MailLimits.HeaderBytesMax"/>.</summary>
    public const string HeadersTooLarge = "mail.headers-too-large";

    /// <summary>Over <see cref="MailLimits.TextBytesMax"/>.</summary>
    public const string TextTooLarge = "mail.text-too-large";

    /// <summary>Not a mail: no header block, or broken beyond reading.</summary>
    public const string Unreadable = "mail.unreadable";
}
