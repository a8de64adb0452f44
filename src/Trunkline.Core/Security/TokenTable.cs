using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Core.Security;

/// <summary>
/// The tokens a node knows, by SHA-256. Immutable, thread-safe. A look-up hashes what was presented and compares it with
/// every entry in constant time, so that neither its length nor how much of it is right can be measured.
/// </summary>
public sealed class TokenTable
{
    /// <summary>The longest token looked at, in characters; longer ones are unknown.</summary>
    public const int TokenLengthMax = 1024;

    private readonly (byte[] Hash, Caller Caller, DateTimeOffset? Expires)[] _entries;
    private readonly TimeProvider _time;

    /// <summary>Reads the table.</summary>
    /// <param name="tokens">Name, lower- or upper-case hex SHA-256, scopes, the owner it speaks for if any, and when it ends; null for never.</param>
    /// <param name="time">The clock they end by.</param>
    /// <exception cref="FormatException">A hash is not 64 hex digits.</exception>
    public TokenTable(IEnumerable<(string Name, string Sha256, IEnumerable<string> Scopes, string? Owner, DateTimeOffset? Expires)> tokens, TimeProvider time) =>
        (_entries, _time) = ([.. tokens.Select(t => (Hash(t.Name, t.Sha256), new Caller(t.Name, ScopeRules.Parse(t.Scopes), t.Owner), t.Expires))], time);

    /// <summary>True if there are no tokens, so that none is asked for.</summary>
    public bool IsEmpty => _entries.Length == 0;

    /// <summary>Who presents this token, or null; one that has ended is as unknown.</summary>
    public Caller? Find(ReadOnlySpan<char> token)
    {
        if (token.IsEmpty || token.Length > TokenLengthMax)
        {
            return null;
        }

        Span<byte> utf8 = stackalloc byte[Encoding.UTF8.GetMaxByteCount(TokenLengthMax)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Encoding.UTF8.GetBytes(token, utf8);
        SHA256.HashData(utf8[..length], hash);
        CryptographicOperations.ZeroMemory(utf8[..length]);
        var now = _time.GetUtcNow();
        Caller? found = null;
        foreach (var (known, caller, expires) in _entries)
        {
            if (CryptographicOperations.FixedTimeEquals(known, hash) && !(expires <= now))
            {
                found = caller;
            }
        }

        return found;
    }

    private static byte[] Hash(string name, string hex)
    {
        var hash = hex.Length == 2 * SHA256.HashSizeInBytes ? Convert.FromHexString(hex) : [];
        return hash.Length == SHA256.HashSizeInBytes ? hash : throw new FormatException($"The hash of token '{name}' is not 64 hex digits.");
    }
}
