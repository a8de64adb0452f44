namespace Trunkline.Mail.Smtp;

/// <summary>
/// Who mails may be for: addresses (<c>desk@example.com</c>) and whole domains (<c>*@example.com</c>); upper and lower case are the same.
/// Immutable.
/// </summary>
public sealed class SmtpRecipients
{
    private readonly HashSet<string> _allowed;

    /// <param name="patterns">Addresses and domains.</param>
    public SmtpRecipients(IEnumerable<string> patterns) => _allowed = new HashSet<string>(patterns, StringComparer.OrdinalIgnoreCase);

    /// <summary>True if mails for it are taken.</summary>
    public bool Allows(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var at = address.LastIndexOf('@');
        return at > 0 && (_allowed.Contains(address) || _allowed.Contains("*" + address[at..]));
    }

    /// <summary>What is wrong with a pattern; null if nothing is.</summary>
    public static string? Problem(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var at = pattern.LastIndexOf('@');
        return at > 0 && at < pattern.Length - 1 && pattern.Length <= SmtpPath.LengthMax && !pattern.Any(c => c <= ' ' || c == '\x7f')
            && Uri.CheckHostName(pattern[(at + 1)..]) == UriHostNameType.Dns
            && (pattern[..at] == "*" || !pattern[..at].Contains('*', StringComparison.Ordinal))
            ? null
            : "an address such as desk@example.com, or *@example.com for all of a domain";
    }
}
