using System.Text.Json;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Mail.Servers;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads the <c>alerts</c> section. Receivers are sinks that get a notice in place of a message.</summary>
internal static class AlertReader
{
    private static readonly Uri PagerDefault = new("https://events.pagerduty.com/v2/enqueue");

    public static AlertConfig Read(ObjectValues? values, ProjectScope scope)
    {
        var defaults = new AlertConfig();
        if (values is null)
        {
            return defaults;
        }

        return defaults with
        {
            Receivers = (values.Get(AlertGrammar.Receivers) ?? []).Where(r => r.Value is not null).Select(r => Receiver(r.Name, r.Value!, scope)).OfType<OutboxSinkConfig>()
                .DistinctBy(r => r.Name).ToDictionary(r => r.Name, StringComparer.Ordinal),
            Default = Texts(values.Get(AlertGrammar.Default)),
            Escalation =
            [
                .. (values.Get(AlertGrammar.Escalate) ?? []).Select(e => new AlertStage(Texts(e.Value.Get(AlertGrammar.EscalateTo)), e.Value.Get(AlertGrammar.EscalateAfter, AlertStage.AfterDefault)))
                    .OrderBy(s => s.After),
            ],
            Group = values.Get(AlertGrammar.Group, defaults.Group),
            Repeat = values.Get(AlertGrammar.Repeat, defaults.Repeat),
            Link = values.Get(AlertGrammar.Link),
            Lag = values.Get(AlertGrammar.Lag, defaults.Lag),
            DeadLetters = values.Get(AlertGrammar.DeadLetters, defaults.DeadLetters),
            ParkedKeys = values.Get(AlertGrammar.ParkedKeys, defaults.ParkedKeys),
            Breaker = values.Get(AlertGrammar.Breaker, defaults.Breaker),
            OverBudget = values.Get(AlertGrammar.OverBudget, defaults.OverBudget),
            Drift = values.Get(AlertGrammar.Drift, defaults.Drift),
            Expiring = values.Get(AlertGrammar.Expiring, defaults.Expiring),
        };
    }

    public static OwnerConfig Owner(ObjectValues? values) => new(values?.Get(ProjectGrammar.Email), values?.Get(ProjectGrammar.Chat))
    {
        Runbook = values?.Get(AlertGrammar.Runbook),
        Alerts = Texts(values?.Get(AlertGrammar.OwnerAlerts)),
        Limits = values?.Get(AlertGrammar.OwnerLimits) is { } limits ? Limits(limits) : new AlertLimits(),
    };

    private static AlertLimits Limits(ObjectValues values) => new()
    {
        Lag = Own(values, AlertGrammar.Lag),
        DeadLetters = Own(values, AlertGrammar.DeadLetters),
        ParkedKeys = Own(values, AlertGrammar.ParkedKeys),
        Breaker = Own(values, AlertGrammar.Breaker),
        OverBudget = Own(values, AlertGrammar.OverBudget),
        Drift = Own(values, AlertGrammar.Drift),
        Expiring = Own(values, AlertGrammar.Expiring),
    };

    private static T? Own<T>(ObjectValues values, GrammarKey<T> key)
        where T : struct => values.Has(key) ? values.Get(key) : null;

    /// <summary>Receivers that are named must be there.</summary>
    public static void Check(Sections sections, FaultList faults)
    {
        var known = (sections.Alerts?.Get(AlertGrammar.Receivers) ?? []).Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        var named = (sections.Alerts?.Get(AlertGrammar.Escalate) ?? []).Select(e => e.Value.Get(AlertGrammar.EscalateTo)).Append(sections.Alerts?.Get(AlertGrammar.Default))
            .Concat(sections.Owners.Select(o => o.Value?.Get(AlertGrammar.OwnerAlerts)));
        foreach (var name in named.SelectMany(n => n ?? []).Where(n => !known.Contains(n.Value)))
        {
            faults.Add(
                name.Where,
                FaultCodes.MissingReceiver,
                $"There is no receiver '{Printable.Show(name.Value)}'.",
                Suggestion.Remedy(name.Value, known, "Define it under 'alerts.receivers', or use one that is defined."));
        }
    }

    private static string[] Texts(IReadOnlyList<Located<string>>? items) => [.. (items ?? []).Select(i => i.Value)];

    private static OutboxSinkConfig? Receiver(string name, ObjectValues values, ProjectScope scope)
    {
        foreach (var key in new[] { AlertGrammar.Webhook, AlertGrammar.Slack, AlertGrammar.Teams, AlertGrammar.Mail, AlertGrammar.Pager, AlertGrammar.Manager })
        {
            if (values.Get(key) is { } of && Of(key, name, of, scope) is { } receiver)
            {
                return key == AlertGrammar.Mail ? receiver : receiver with { Timeout = of.Get(SinkGrammar.Timeout, OutboxSinkConfig.TimeoutDefault) };
            }
        }

        return null;
    }

    private static OutboxSinkConfig? Of(GrammarKey<ObjectValues> kind, string name, ObjectValues of, ProjectScope scope) => kind switch
    {
        _ when kind == AlertGrammar.Webhook => of.Get(SinkGrammar.WebhookUrl) is { } url
            ? new WebhookSinkConfig(name, url, of.Get(SinkGrammar.WebhookSecret) is { } secret ? new Secret(secret) : null, of.WhereOf(SinkGrammar.WebhookUrl)) : null,
        _ when kind == AlertGrammar.Slack || kind == AlertGrammar.Teams => of.Get(AlertGrammar.ChatUrl) is { } chat
            ? new ChatSinkConfig(name, kind == AlertGrammar.Slack ? ChatKind.Slack : ChatKind.Teams, new Secret(chat.AbsoluteUri), "{{ message.text }}", of.WhereOf(AlertGrammar.ChatUrl)) { Title = "{{ message.title }}" } : null,
        _ when kind == AlertGrammar.Pager => of.Get(AlertGrammar.PagerKey) is { } routing
            ? new PagerSinkConfig(name, of.Get(AlertGrammar.PagerUrl) ?? PagerDefault, new Secret(routing), of.Has(AlertGrammar.PagerUrl) ? of.WhereOf(AlertGrammar.PagerUrl) : of.Where) : null,
        _ when kind == AlertGrammar.Manager => of.Get(AlertGrammar.ManagerUrl) is { } manager ? new AlertmanagerSinkConfig(name, manager, of.WhereOf(AlertGrammar.ManagerUrl)) : null,
        _ => Mail(name, of, scope),
    };

    private static SmtpSinkConfig? Mail(string name, ObjectValues mail, ProjectScope scope)
    {
        var server = MailReader.ReadServer(mail, MailSinkGrammar.Port, tls => tls switch { MailTls.On => 465, MailTls.StartTls => 587, _ => 25 }, scope);
        return server is null || mail.Get(MailSinkGrammar.From) is not { } from || mail.Get(AlertGrammar.MailTo) is not { Count: > 0 } to
            ? null
            : new SmtpSinkConfig(name, server, from, JsonSerializer.Serialize(Texts(to)), MailTextConfig.Expression("(message.title)"), mail.Where) { Text = MailTextConfig.Expression("(message.text)"), Thread = "null", Timeout = server.Timeout };
    }
}
