using Trunkline.Server.Configuration;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>Makes the scheme a source names.</summary>
internal static class HookSchemes
{
    public static IHookScheme Of(WebhookSourceConfig source)
    {
        var secrets = new HookSecrets(source.Secrets.Select(secret => HookText.Bytes(secret.Value)));
        return source.Verify switch
        {
            HookKind.Slack => new SlackHooks(secrets, source.Tolerance),
            HookKind.GitHub => new GitHubHooks(secrets),
            HookKind.Stripe => new StripeHooks(secrets, source.Tolerance),
            HookKind.StandardWebhooks => new StandardHooks(source.Secrets.Select(secret => secret.Value), source.Tolerance),
            HookKind.Twilio => new TwilioHooks(secrets, source.Url!),
            _ => throw new ArgumentOutOfRangeException(nameof(source), source.Verify, "no scheme"),
        };
    }
}
