using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Trunkline.Core.Security;

namespace Trunkline.Server.Api.Security;

/// <summary>
/// What a browser carries instead of a token: the token and an end, sealed with a key that lives as long as the process. Nothing is kept, so that there is nothing to
/// fill; a token that is taken out of the project takes its sessions with it. Thread-safe.
/// </summary>
internal sealed class SignInSessions(TimeProvider time)
{
    /// <summary>How long one holds.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromHours(12);

    private const int SealedLengthMax = 4 * TokenTable.TokenLengthMax;
    private const char Between = '|';

    private readonly IDataProtector _seal = new EphemeralDataProtectionProvider().CreateProtector("trunkline.session");

    /// <summary>Begins one.</summary>
    /// <param name="token">A token the node knows.</param>
    public (string Sealed, DateTimeOffset ExpiresAt) Begin(string token)
    {
        var end = time.GetUtcNow() + Length;
        var plain = string.Create(CultureInfo.InvariantCulture, $"{end.UtcTicks}{Between}{token}");
        return (WebEncoders.Base64UrlEncode(_seal.Protect(Encoding.UTF8.GetBytes(plain))), end);
    }

    /// <summary>The token of a session; null if it is over, or none of this process.</summary>
    public string? TokenOf(string? session)
    {
        if (session is not { Length: > 0 and <= SealedLengthMax })
        {
            return null;
        }

        try
        {
            var plain = Encoding.UTF8.GetString(_seal.Unprotect(WebEncoders.Base64UrlDecode(session)));
            var between = plain.IndexOf(Between, StringComparison.Ordinal);
            var end = long.Parse(plain.AsSpan(0, between), CultureInfo.InvariantCulture);
            return time.GetUtcNow().UtcTicks < end ? plain[(between + 1)..] : null;
        }
        catch (Exception foreign) when (foreign is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
