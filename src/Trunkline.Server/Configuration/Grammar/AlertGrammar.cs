using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Mail.Smtp;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The <c>alerts</c> section.</summary>
internal static class AlertGrammar
{
    public static readonly GrammarKey<ObjectValues> Webhook = new("webhook", SinkGrammar.WebhookType, "Posts the alerts as JSON, signed as Standard Webhooks.");

    public static readonly GrammarKey<Uri> ChatUrl = new("url", Values.SecretUrl, "The incoming webhook's address; who knows it may post, so it is never shown.") { Required = true };
    public static readonly GrammarKey<ObjectValues> Slack = new("slack", new ObjectType("alert-slack", "A chat of Slack, or one that takes the same.", ChatUrl, SinkGrammar.Timeout) { Shorthand = ChatUrl }, "Posts to a Slack channel.");
    public static readonly GrammarKey<ObjectValues> Teams = new("teams", new ObjectType("alert-teams", "A chat of Microsoft Teams.", ChatUrl, SinkGrammar.Timeout) { Shorthand = ChatUrl }, "Posts to a Teams channel.");

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> MailTo = new(
        "to",
        new ListType<string>(Scalars.Checked("address", FaultCodes.BadValue, text => OutgoingMail.IsAddress(text) ? null : "an address, such as desk@example.com")) { AllowSingle = true, ItemsMin = 1, ItemsMax = 20 },
        "Who gets it.")
    { Required = true };

    public static readonly GrammarKey<ObjectValues> Mail = new(
        "mail",
        new ObjectType(
            "alert-mail",
            "Sends a mail.",
            MailGrammar.Host,
            MailSinkGrammar.Port,
            MailGrammar.Tls,
            MailGrammar.TrustedRoots,
            MailGrammar.User,
            MailGrammar.Password,
            MailSinkGrammar.From,
            MailTo,
            MailGrammar.Timeout),
        "Sends a mail.");

    public static readonly GrammarKey<Uri> PagerUrl = new("url", Values.Url, "Where events are posted.") { Default = "`https://events.pagerduty.com/v2/enqueue`" };
    public static readonly GrammarKey<string> PagerKey = new("key", Scalars.Secret, "The routing key of the service, best as `${VAR}`.") { Required = true };
    public static readonly GrammarKey<ObjectValues> Pager = new("pagerduty", new ObjectType("alert-pagerduty", "Events of PagerDuty's Events API v2.", PagerUrl, PagerKey, SinkGrammar.Timeout), "Triggers, acknowledges and resolves events.");

    public static readonly GrammarKey<Uri> ManagerUrl = new("url", Values.BaseUrl, "Its address, such as `http://127.0.0.1:9093`.") { Required = true };
    public static readonly GrammarKey<ObjectValues> Manager = new("alertmanager", new ObjectType("alertmanager", "An Alertmanager of Prometheus.", ManagerUrl, SinkGrammar.Timeout) { Shorthand = ManagerUrl }, "Hands alerts to an Alertmanager.");

    private static readonly GrammarKey[] Kinds = [Webhook, Slack, Teams, Mail, Pager, Manager];

    public static readonly ObjectType Receiver = new("receiver", $"Who is told of alerts. Exactly one of {Listing.Of(Kinds)}.", Kinds) { OneOf = Kinds };

    public static readonly GrammarKey<IReadOnlyList<Named<ObjectValues>>> Receivers = new(
        "receivers", new MapType<ObjectValues>("receiver", Names.Problem, Names.Pattern, Receiver), "Who can be told, by name.")
    { Default = "nobody" };

    private static readonly ListType<string> NameList = new(Values.Name) { AllowSingle = true, ItemsMax = 20 };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Default = new("default", NameList, "Receivers of what has no owner, or an owner without `alerts`.") { Default = "nobody" };
    public static readonly GrammarKey<IReadOnlyList<Located<string>>> EscalateTo = new("to", NameList, "Receivers told besides.") { Required = true };
    public static readonly GrammarKey<TimeSpan> EscalateAfter = new("after", Scalars.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)), "How long nobody acknowledged.") { Default = "15m" };

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> Escalate = new(
        "escalate",
        new ListType<ObjectValues>(new ObjectType("escalate", "Who is told besides of a page nobody acknowledges.", EscalateTo, EscalateAfter)) { AllowSingle = true, ItemsMax = 5 },
        "Who is told besides of a page nobody acknowledges; several, each after its own time.")
    { Default = "nobody" };

    public static readonly GrammarKey<TimeSpan> Group = new("group", Scalars.Duration(TimeSpan.Zero, TimeSpan.FromHours(1)), "How long alerts of a flow are collected before they are told together.") { Default = "30s" };
    public static readonly GrammarKey<TimeSpan> Repeat = new("repeat", Scalars.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)), "How often one that nobody acknowledged is told again.") { Default = "4h" };
    public static readonly GrammarKey<Uri> Link = new("link", Values.BaseUrl, "Address of the node as people reach it, for links.") { Default = "where it listens" };

    public static readonly GrammarKey<TimeSpan> Lag = new("lag", Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)), "How old the oldest message waiting for a flow or a sink may be; a flow's `slo.within` counts if it is shorter, down to 10 s.") { Default = "10m" };
    public static readonly GrammarKey<int> DeadLetters = new("deadLetters", Scalars.WholeNumber(0, 1_000_000), "Dead letters of five minutes that are an alert; 0 for never.") { Default = "1" };
    public static readonly GrammarKey<int> ParkedKeys = new("parkedKeys", Scalars.WholeNumber(0, 1_000_000), "Parked keys that are an alert; 0 for never.") { Default = "1" };
    public static readonly GrammarKey<TimeSpan> Breaker = new("breaker", Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "How long a sink may be paused by its breaker.") { Default = "1m" };
    public static readonly GrammarKey<int> OverBudget = new("overBudget", Scalars.WholeNumber(0, 1_000_000), "Questions of five minutes that a used-up budget refused, that are an alert; 0 for never.") { Default = "1" };

    public static readonly GrammarKey<int> Drift = new("drift", Scalars.WholeNumber(0, 1_000_000), "Open alarms about drift in a topic that are an alert; 0 for never.") { Default = "1" };
    public static readonly GrammarKey<TimeSpan> Expiring = new("expiring", Scalars.Duration(TimeSpan.Zero, TimeSpan.FromDays(366)), "How long before their end certificates and tokens are an alert; 0s for never.") { Default = "14d" };

    private static readonly GrammarKey[] LimitKeys = [Lag, DeadLetters, ParkedKeys, Breaker, OverBudget, Drift, Expiring];

    public static readonly ObjectType Type = new(
        "alerts",
        "What is an alert, and who is told. Without it alerts are on the page `/alerts`, and nobody is told.",
        [Receivers, Default, Escalate, Group, Repeat, Link, .. LimitKeys]);

    public static readonly GrammarKey<ObjectValues> Alerts = new("alerts", Type, "What is an alert, and who is told.") { Default = "told to nobody" };

    public static readonly GrammarKey<Uri> Runbook = new("runbook", Values.Url, "What to do about alerts of what it owns; alerts link to it.");
    public static readonly GrammarKey<ObjectValues> OwnerLimits = new(
        "limits", new ObjectType("alert-limits", "When something it owns is an alert, where that differs from `alerts`.", LimitKeys), "When something it owns is an alert, where that differs from `alerts`.");

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> OwnerAlerts = new("alerts", NameList, "Receivers of alerts about what it owns: names under `alerts.receivers`.") { Default = "`alerts.default`" };
}
