using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>
/// Twilio: <c>X-Twilio-Signature: base64(HMAC-SHA1(token, url parameters))</c>, where the URL is the one Twilio was given, with its query, and the
/// parameters of a form follow sorted, each name with its value. Of another body its hash is in the query as <c>bodySHA256</c>. No time is signed:
/// what is signed tells repeats.
/// </summary>
internal sealed class TwilioHooks(HookSecrets secrets, Uri url) : IHookScheme
{
    /// <inheritdoc/>
    public HookVerdict Judge(HookRequest request)
    {
        var signed = SignedOf(request);
        if (signed is null || request.Header("X-Twilio-Signature") is not { } header || HookText.Base64(header) is not { } signature
            || !secrets.Sign(HashAlgorithmName.SHA1, [signature], HookText.Bytes(signed)))
        {
            return new HookVerdict.Forged("X-Twilio-Signature is missing or wrong; the source's url must be the one Twilio calls.");
        }

        return new HookVerdict.Genuine(StableId.Of("twilio", signed));
    }

    /// <summary>Null if the body is not what its query says.</summary>
    private string? SignedOf(HookRequest request)
    {
        var called = url.GetLeftPart(UriPartial.Path) + request.Query;
        if (!request.IsForm)
        {
            var told = QueryHelpers.ParseQuery(request.Query).TryGetValue("bodySHA256", out var hash) ? hash.ToString() : "";
            return HookText.Hex(told) is { } expected && CryptographicOperations.FixedTimeEquals(expected, SHA256.HashData(request.Body.Span)) ? called : null;
        }

        var signed = new StringBuilder(called);
        foreach (var (name, values) in HookForm.Read(request.Body).OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            foreach (var value in values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                signed.Append(name).Append(value);
            }
        }

        return signed.ToString();
    }
}
