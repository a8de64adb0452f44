using System.Security.Cryptography;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>
/// Slack: <c>X-Slack-Signature: v0=hex(HMAC-SHA256(secret, "v0:" timestamp ":" body))</c>. A request of type <c>url_verification</c> is
/// answered with its challenge. An event's own id tells repeats, which Slack signs anew; what has none, its signed bytes do.
/// </summary>
internal sealed class SlackHooks(HookSecrets secrets, TimeSpan tolerance) : IHookScheme
{
    /// <inheritdoc/>
    public HookVerdict Judge(HookRequest request)
    {
        var timestamp = request.Header("X-Slack-Request-Timestamp");
        if (HookText.IsFresh(timestamp, request.Now, tolerance) is not { } fresh
            || request.Header("X-Slack-Signature") is not { } header || !header.StartsWith("v0=", StringComparison.Ordinal) || HookText.Hex(header[3..]) is not { } signature
            || !secrets.Sign(HashAlgorithmName.SHA256, [signature], HookText.Bytes($"v0:{timestamp}:"), request.Body))
        {
            return new HookVerdict.Forged("X-Slack-Signature or X-Slack-Request-Timestamp is missing or wrong.");
        }

        if (!fresh)
        {
            return new HookVerdict.Stale();
        }

        if (!request.IsForm && HookText.Member(request.Body, "type") == "url_verification")
        {
            return new HookVerdict.Question(HookText.Member(request.Body, "challenge") ?? "");
        }

        return new HookVerdict.Genuine(!request.IsForm && HookText.Member(request.Body, "event_id") is { } id
            ? StableId.Of("slack-event", id)
            : StableId.Of("slack", timestamp!, Convert.ToHexStringLower(SHA256.HashData(request.Body.Span))));
    }
}
