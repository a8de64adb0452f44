using System.Security.Cryptography;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>
/// Stripe: <c>Stripe-Signature: t=timestamp,v1=hex(HMAC-SHA256(secret, timestamp "." body))</c>, with a <c>v1</c> per secret in use. The event's id
/// tells repeats, which Stripe signs anew.
/// </summary>
internal sealed class StripeHooks(HookSecrets secrets, TimeSpan tolerance) : IHookScheme
{
    /// <inheritdoc/>
    public HookVerdict Judge(HookRequest request)
    {
        var header = request.Header("Stripe-Signature") ?? "";
        var parts = header.Length <= 2048 ? header.Split(',', StringSplitOptions.TrimEntries) : [];
        var timestamp = parts.FirstOrDefault(part => part.StartsWith("t=", StringComparison.Ordinal))?[2..];
        byte[][] signatures = [.. parts.Where(part => part.StartsWith("v1=", StringComparison.Ordinal)).Take(HookText.SignaturesMax).Select(part => HookText.Hex(part[3..])).OfType<byte[]>()];
        if (HookText.IsFresh(timestamp, request.Now, tolerance) is not { } fresh
            || !secrets.Sign(HashAlgorithmName.SHA256, signatures, HookText.Bytes(timestamp + "."), request.Body))
        {
            return new HookVerdict.Forged("Stripe-Signature is missing or wrong.");
        }

        return !fresh ? new HookVerdict.Stale()
            : new HookVerdict.Genuine(HookText.Member(request.Body, "id") is { } id
                ? StableId.Of("stripe-event", id)
                : StableId.Of("stripe", timestamp!, Convert.ToHexStringLower(SHA256.HashData(request.Body.Span))));
    }
}
