using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The source <c>webhook</c>.</summary>
internal static class HookGrammar
{
    public static readonly GrammarKey<string> Path = new("path", Values.HttpPath, "A path below `/hooks` of the node's address that takes POST.") { Required = true };

    public static readonly GrammarKey<HookKind> Verify = new(
        "verify",
        new ChoiceType<HookKind>(
            ("slack", HookKind.Slack), ("github", HookKind.GitHub), ("stripe", HookKind.Stripe), ("standard-webhooks", HookKind.StandardWebhooks), ("twilio", HookKind.Twilio)),
        "How the sender signs. What is not signed so is refused.")
    { Required = true };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Secret = new(
        "secret",
        new ListType<string>(Scalars.Secret) { AllowSingle = true, ItemsMin = 1, ItemsMax = 8 },
        "What the sender signs with, best as `${VAR}`; several while it changes from one to the next.")
    { Required = true };

    public static readonly GrammarKey<TimeSpan> Tolerance = new(
        "tolerance",
        Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        "How far the signed time may be from the node's; GitHub and Twilio sign none.")
    { Default = "5m" };

    public static readonly GrammarKey<TimeSpan> Remember = new(
        "remember", Scalars.Duration(TimeSpan.FromHours(1), TimeSpan.FromDays(7)), "How long a webhook that was taken is recognised, so that it is not taken again.")
    { Default = "3d" };

    public static readonly GrammarKey<Uri> Url = new("url", Values.BaseUrl, "`twilio` only, and required there: the address Twilio was given, which it signs.");

    public static readonly ObjectType Type = new(
        "webhook-source", "Takes signed webhooks. The signature is the authentication: no token is asked for.", Path, Verify, Secret, Tolerance, Remember, Url);
}
