using System.Security.Cryptography;
using Trunkline.Server.Connectors.Webhooks;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>
/// Standard Webhooks: <c>webhook-signature: v1,base64(HMAC-SHA256(secret, id "." timestamp "." body))</c>, several separated by blanks. The signed
/// <c>webhook-id</c> tells repeats.
/// </summary>
internal sealed class StandardHooks(IEnumerable<string> secrets, TimeSpan tolerance) : IHookScheme
{
    private readonly WebhookSignature[] _signers = [.. secrets.Select(secret => new WebhookSignature(secret))];

    /// <inheritdoc/>
    public HookVerdict Judge(HookRequest request)
    {
        var (id, timestamp) = (request.Header("webhook-id"), request.Header("webhook-timestamp"));
        var given = (request.Header("webhook-signature") ?? "").Split(' ', HookText.SignaturesMax + 1).Take(HookText.SignaturesMax).Select(HookText.Bytes).ToArray();
        if (id is not { Length: <= 256 } || HookText.IsFresh(timestamp, request.Now, tolerance) is not { } fresh || !IsSigned(id, timestamp!, request.Body.Span, given))
        {
            return new HookVerdict.Forged("webhook-id, webhook-timestamp or webhook-signature is missing or wrong.");
        }

        return fresh ? new HookVerdict.Genuine(StableId.Of("standard", id)) : new HookVerdict.Stale();
    }

    private bool IsSigned(string id, string timestamp, ReadOnlySpan<byte> body, byte[][] given)
    {
        var found = false;
        foreach (var signer in _signers)
        {
            var expected = HookText.Bytes(signer.Sign(id, timestamp, body));
            foreach (var signature in given)
            {
                found |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        return found;
    }
}
