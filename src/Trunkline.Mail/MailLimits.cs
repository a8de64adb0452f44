namespace Trunkline.Mail;

/// <summary>
/// Bounds on one mail. What is over a bound is refused as a whole: a mail cut short would be read as if it were complete.
/// Immutable.
/// </summary>
public sealed record MailLimits
{
    /// <summary>Size of the mail, in bytes. Default 64 MiB.</summary>
    public long MailBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>Levels of multiparts and attached mails inside one another, 1 to 1000. Default 32.</summary>
    public int DepthMax { get; init; } = 32;

    /// <summary>Parts on all levels. Default 500.</summary>
    public int PartsMax { get; init; } = 500;

    /// <summary>Header fields on all levels. Default 5000.</summary>
    public int HeadersMax { get; init; } = 5000;

    /// <summary>Bytes of header fields on all levels. Default 1 MiB.</summary>
    public int HeaderBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Bytes of the text, decoded. Default 4 MiB.</summary>
    public int TextBytesMax { get; init; } = 4 * 1024 * 1024;
}
