using System.Buffers.Text;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads the source <c>webhook</c>.</summary>
internal static class HookReader
{
    /// <summary>The source; null if it cannot be made, which is reported.</summary>
    public static WebhookSourceConfig? Read(ObjectValues values, SourceLocation where, ProjectScope scope)
    {
        var kind = values.Get(HookGrammar.Verify);
        if (values.Has(HookGrammar.Verify))
        {
            CheckUrl(values, kind, scope);
            CheckSecrets(values, kind, scope);
        }

        if (values.Get(HookGrammar.Path) is not { } path || values.Get(HookGrammar.Secret) is not { Count: > 0 } secrets)
        {
            return null;
        }

        var source = new WebhookSourceConfig(path, kind, [.. secrets.Select(secret => new Secret(secret.Value))], where);
        return source with
        {
            Tolerance = values.Get(HookGrammar.Tolerance, source.Tolerance),
            Remember = values.Get(HookGrammar.Remember, source.Remember),
            Url = values.Get(HookGrammar.Url),
        };
    }

    private static void CheckUrl(ObjectValues values, HookKind kind, ProjectScope scope)
    {
        if (kind == HookKind.Twilio && !values.Has(HookGrammar.Url))
        {
            scope.Faults.Add(values.Where, FaultCodes.MissingKey, $"{values.Path} with verify 'twilio' has no 'url'.", "Add url: the address Twilio was given, which it signs.");
        }
        else if (kind != HookKind.Twilio && values.Has(HookGrammar.Url))
        {
            scope.Faults.Add(values.WhereOf(HookGrammar.Url), FaultCodes.KeyConflict, $"'url' does not belong to {values.Path}: only Twilio signs it.", "Remove it.");
        }
    }

    private static void CheckSecrets(ObjectValues values, HookKind kind, ProjectScope scope)
    {
        const string Prefix = "whsec_";
        foreach (var secret in (values.Get(HookGrammar.Secret) ?? []).Where(_ => kind == HookKind.StandardWebhooks))
        {
            if (secret.Value.StartsWith(Prefix, StringComparison.Ordinal) && (!Base64.IsValid(secret.Value.AsSpan(Prefix.Length), out var length) || length == 0))
            {
                scope.Faults.Add(secret.Where, FaultCodes.BadValue, $"A secret of {values.Path} starts with {Prefix}, but is not base64 after it.", "Copy it again from the sender.");
            }
        }
    }
}
