using System.Globalization;
using System.Text.RegularExpressions;

namespace Trunkline.Mail.Smtp;

/// <summary>The argument of MAIL and RCPT: <c>FROM:&lt;a@b&gt; SIZE=123</c>.</summary>
/// <param name="Address">The address; empty for <c>&lt;&gt;</c>.</param>
/// <param name="Parameters">What follows, upper case names.</param>
internal sealed partial record SmtpPath(string Address, IReadOnlyList<(string Name, string Value)> Parameters)
{
    /// <summary>The longest address (RFC 5321, 4.5.3.1.3).</summary>
    public const int LengthMax = 254;

    /// <summary>SIZE, where it was given.</summary>
    public long? Size { get; private init; }

    /// <summary>Null if it is none.</summary>
    public static SmtpPath? Parse(string text, string verb)
    {
        var match = Form().Match(text);
        if (!match.Success || !match.Groups["verb"].ValueSpan.Equals(verb, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var parameters = new List<(string, string)>();
        long? size = null;
        foreach (var part in match.Groups["params"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (part.ToUpperInvariant(), "") : (part[..equals].ToUpperInvariant(), part[(equals + 1)..]);
            if (name == "SIZE")
            {
                size = value.Length <= 20 && decimal.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var told) ? (long)Math.Min(told, long.MaxValue) : -1;
            }

            parameters.Add((name, value));
        }

        var address = match.Groups["address"].Value;
        return address.Length > LengthMax ? null : new SmtpPath(address, parameters) { Size = size };
    }

    // No routes, no quoted local parts with spaces: what nobody sends but those who probe.
    // Lengths are bounded by the line's, and checked after: repeats with numbers make such an automaton too large.
    [GeneratedRegex(@"^(?<verb>FROM|TO): ?<(?<address>([^\s<>@,:;\\""\p{C}]+@[^\s<>@,:;\\""\p{C}]+)?)>(?<params>( [A-Za-z0-9][A-Za-z0-9-]*(=[^\s=\p{C}]+)?)*) *\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
