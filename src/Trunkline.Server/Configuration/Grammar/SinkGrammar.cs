using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>An entry of <c>to</c>.</summary>
internal static class SinkGrammar
{
    public static readonly GrammarKey<Uri> WebhookUrl = new("url", Values.Url, "Where messages are posted.") { Required = true };
    public static readonly GrammarKey<string> WebhookSecret = new("secret", Scalars.Secret, "Signs the request (Standard Webhooks), best as `${VAR}`.") { Default = "unsigned" };

    public static readonly GrammarKey<TimeSpan> Timeout = new(
        "timeout", Scalars.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), "Bound on one try.")
    { Default = "10s" };

    public static readonly GrammarKey<bool> BreakerIs = new(
        "is", new ChoiceType<bool>(("on", true), ("off", false)), "`off`: every failure counts against its message, also in an outage.")
    { Default = "`on`" };

    public static readonly GrammarKey<int> BreakerFailures = new(
        "failures", Scalars.WholeNumber(1, 10_000), "Failures in a row that open it; never more than the tries a message has.")
    { Default = "5" };

    public static readonly GrammarKey<DurationRange> BreakerPause = new("pause", Scalars.Range, "First and longest pause; each probe that fails doubles it.") { Default = "10s..5m" };

    public static readonly ObjectType BreakerType = new(
        "breaker",
        "Pauses a sink that keeps failing: its messages wait, no tries are used up, nothing becomes a dead letter; one message is sent as a probe after each pause.",
        BreakerIs,
        BreakerFailures,
        BreakerPause)
    { Shorthand = BreakerIs };

    public static readonly GrammarKey<ObjectValues> Breaker = new("breaker", BreakerType, "When the sink pauses.") { Default = "after 5 failures in a row, 10s..5m" };

    public static readonly ObjectType WebhookType = new(
        "webhook", "Posts messages over HTTP as Standard Webhooks, at least once, with an idempotency key.", WebhookUrl, WebhookSecret, Timeout, Breaker)
    { Shorthand = WebhookUrl };

    public static readonly GrammarKey<string> UseName = new("name", Values.Name, "The name the host registered it by.") { Required = true };
    public static readonly ObjectType UseType = new("use", "A sink of the host's own code.", UseName, Timeout, Breaker) { Shorthand = UseName };

    public static readonly GrammarKey<string> Topic = new("topic", Values.Topic, "A topic of the project.");
    public static readonly GrammarKey<string> Key = new("key", Scalars.Expression, "The key of what is written to the topic.") { Default = "the message's own" };
    public static readonly GrammarKey<ObjectValues> Smtp = new("smtp", MailSinkGrammar.SmtpType(Breaker), "A mail.");
    public static readonly GrammarKey<ObjectValues> Outcome = new("outcome", MailSinkGrammar.OutcomeType, "A fact about an earlier message.");
    public static readonly GrammarKey<ObjectValues> Webhook = new("webhook", WebhookType, "An HTTP endpoint.");
    public static readonly GrammarKey<ObjectValues> Use = new("use", UseType, "A sink the host registered in code.");
    public static readonly GrammarKey<string> Name = new("name", Values.Name, "Name in metrics, dead letters and of its cursor.") { Default = "the topic, or kind and number" };

    private static readonly GrammarKey<string>[] Later =
    [
        .. new[] { "http" }
            .Select(name => new GrammarKey<string>(name, Scalars.Text, "A later kind of sink.") { NotYet = true }),
        new GrammarKey<string>("template", Scalars.Text, "Text made from the message.") { NotYet = true },
    ];

    private static readonly GrammarKey[] Kinds = [Topic, Webhook, Smtp, Outcome, ChatGrammar.Slack, ChatGrammar.Teams, FileGrammar.File, LiveGrammar.Sse, LiveGrammar.WebSocket, Use];

    public static readonly ObjectType Type = new("sink", $"Where messages go. Exactly one of {Listing.Of(Kinds)}.", [.. Kinds, Key, Name, .. Later])
    { OneOf = [.. Kinds, .. Later] };

    public static readonly ListType<ObjectValues> List = new(Type) { AllowSingle = true, ItemsMin = 1, ItemsMax = 32 };
}
