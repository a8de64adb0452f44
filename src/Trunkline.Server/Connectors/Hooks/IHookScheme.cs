using System.Security.Cryptography;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>How a sender signs its webhooks. Thread-safe.</summary>
internal interface IHookScheme
{
    /// <summary>Judges a request by its raw body. Never throws for what the sender sent.</summary>
    HookVerdict Judge(HookRequest request);
}

/// <summary>A request as it came.</summary>
/// <param name="Headers">Its headers.</param>
/// <param name="Query">Its query with the question mark; may be empty.</param>
/// <param name="ContentType">Its content type; may be empty.</param>
/// <param name="Body">Its body, byte for byte.</param>
/// <param name="Now">When it came.</param>
internal sealed record HookRequest(IHeaderDictionary Headers, string Query, string ContentType, ReadOnlyMemory<byte> Body, DateTimeOffset Now)
{
    /// <summary>A header given exactly once; else null.</summary>
    public string? Header(string name) => Headers[name] is [{ Length: > 0 } value] ? value : null;

    /// <summary>True if the body is a form.</summary>
    public bool IsForm => ContentType.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
}

/// <summary>What became of a request: a closed family.</summary>
internal abstract record HookVerdict
{
    private HookVerdict()
    {
    }

    /// <summary>Its signature holds.</summary>
    /// <param name="Identity">What repeats are told by; from what is signed, so that nobody can make up another.</param>
    internal sealed record Genuine(string Identity) : HookVerdict;

    /// <summary>Its signature holds, and it only asks for an answer: no message.</summary>
    /// <param name="Answer">The answer, as text.</param>
    internal sealed record Question(string Answer) : HookVerdict;

    /// <summary>It is not signed, or by somebody else.</summary>
    /// <param name="Reason">For the sender: which header, not what it should be.</param>
    internal sealed record Forged(string Reason) : HookVerdict;

    /// <summary>It was signed too long ago, or in the future: it may be a replay.</summary>
    internal sealed record Stale : HookVerdict;
}

/// <summary>The secrets of a sender: several while it changes from one to the next. Thread-safe.</summary>
internal sealed class HookSecrets(IEnumerable<byte[]> secrets)
{
    private readonly byte[][] _secrets = [.. secrets];

    /// <summary>
    /// True if one of the signatures is the HMAC of the parts under one of the secrets. Takes the same time wherever they differ, and
    /// whichever secret it is.
    /// </summary>
    public bool Sign(HashAlgorithmName algorithm, IReadOnlyList<byte[]> signatures, params ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        var found = false;
        foreach (var secret in _secrets)
        {
            using var mac = IncrementalHash.CreateHMAC(algorithm, secret);
            foreach (var part in parts)
            {
                mac.AppendData(part.Span);
            }

            var expected = mac.GetHashAndReset();
            foreach (var signature in signatures)
            {
                found |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        return found;
    }
}
