using System.Security.Cryptography;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>
/// GitHub: <c>X-Hub-Signature-256: sha256=hex(HMAC-SHA256(secret, body))</c>. Nothing but the body is signed, neither a time nor the
/// delivery's id: so the body tells repeats. A <c>ping</c> is answered.
/// </summary>
internal sealed class GitHubHooks(HookSecrets secrets) : IHookScheme
{
    /// <inheritdoc/>
    public HookVerdict Judge(HookRequest request)
    {
        if (request.Header("X-Hub-Signature-256") is not { } header || !header.StartsWith("sha256=", StringComparison.Ordinal)
            || HookText.Hex(header["sha256=".Length..]) is not { } signature || !secrets.Sign(HashAlgorithmName.SHA256, [signature], request.Body))
        {
            return new HookVerdict.Forged("X-Hub-Signature-256 is missing or wrong.");
        }

        return request.Header("X-GitHub-Event") == "ping"
            ? new HookVerdict.Question("pong")
            : new HookVerdict.Genuine(StableId.Of("github", Convert.ToHexStringLower(SHA256.HashData(request.Body.Span))));
    }
}
