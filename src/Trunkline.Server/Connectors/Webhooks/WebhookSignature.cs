using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Server.Connectors.Webhooks;

/// <summary>
/// Signs as Standard Webhooks 1.0 does, symmetric form: <c>v1,base64(HMAC-SHA256(secret, id.timestamp.body))</c>. A secret that
/// starts with <c>whsec_</c> is base64 after it; any other is taken as its UTF-8 bytes. Thread-safe.
/// </summary>
internal sealed class WebhookSignature
{
    private const string Prefix = "whsec_";

    private readonly byte[] _secret;

    /// <summary>Throws <see cref="ArgumentException"/> if the secret is empty, or not base64 after its prefix.</summary>
    public WebhookSignature(string secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            _secret = Encoding.UTF8.GetBytes(secret);
            return;
        }

        if (!Base64.IsValid(secret.AsSpan(Prefix.Length), out var length) || length == 0)
        {
            throw new ArgumentException("a webhook secret that starts with whsec_ must be base64 after it; copy it again from the receiver", nameof(secret));
        }

        _secret = Convert.FromBase64String(secret[Prefix.Length..]);
    }

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    /// <param name="id">The value of <c>webhook-id</c>.</param>
    /// <param name="timestamp">The value of <c>webhook-timestamp</c>: seconds since 1970.</param>
    /// <param name="body">The body as sent.</param>
    public string Sign(string id, long timestamp, ReadOnlySpan<byte> body) => Sign(id, timestamp.ToString(CultureInfo.InvariantCulture), body);

    /// <summary>The same, of a timestamp as it was written.</summary>
    public string Sign(string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _secret);
        mac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        mac.AppendData(body);
        return "v1," + Convert.ToBase64String(mac.GetHashAndReset());
    }
}
