namespace Trunkline.Mail.Servers;

/// <summary>A mail server did not do what was asked. The text holds nothing the server or a mail said, but numbers and names from the configuration.</summary>
/// <param name="failure">What kind of failure.</param>
/// <param name="message">For people.</param>
/// <param name="inner">What was thrown, or null.</param>
public sealed class MailServerException(MailServerFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of failure.</summary>
    public MailServerFailure Failure { get; } = failure;

    /// <summary>The SMTP status, such as 550; 0 if there was none.</summary>
    public int Status { get; init; }
}

/// <summary>Kinds of failures of mail servers.</summary>
public enum MailServerFailure
{
    /// <summary>No connection, no answer in time, or the connection broke.</summary>
    Unreachable,

    /// <summary>Its address is one that may not be reached.</summary>
    NotAllowed,

    /// <summary>Its certificate was not accepted, or it offers no encryption.</summary>
    NotTrusted,

    /// <summary>It did not accept user and password.</summary>
    LoginRefused,

    /// <summary>The folder is not there.</summary>
    FolderMissing,

    /// <summary>It refused the request.</summary>
    Refused,

    /// <summary>It refused the request for now: later may help.</summary>
    RefusedForNow,

    /// <summary>What it said cannot be understood, or passes a bound.</summary>
    Garbage,
}
