using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Core.Limits;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads the sinks of one flow, over all its branches, and names them.</summary>
/// <param name="scope">What the readers share.</param>
internal sealed class SinkReader(ProjectScope scope)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>Names users gave must be known before any is made up.</summary>
    public void Reserve(IEnumerable<Located<ObjectValues>> sinks)
    {
        foreach (var sink in sinks)
        {
            if (sink.Value.Get(SinkGrammar.Name) is { } name && !_names.Add(name))
            {
                scope.Faults.Add(
                    sink.Value.WhereOf(SinkGrammar.Name), FaultCodes.DuplicateName, $"Two sinks of the flow are named '{name}'.", "Give one of them another name.");
            }
        }
    }

    /// <summary>Reads the sinks of one branch.</summary>
    public IReadOnlyList<SinkConfig> Read(IEnumerable<Located<ObjectValues>> sinks)
    {
        var read = new List<SinkConfig>();
        foreach (var sink in sinks)
        {
            if (ReadOne(sink.Value) is not { } config)
            {
                continue;
            }

            if (config is TopicSinkConfig topic && read.OfType<TopicSinkConfig>().Any(t => t.Topic == topic.Topic))
            {
                scope.Faults.Add(topic.Where, FaultCodes.DuplicateName, $"The topic '{topic.Topic}' is written to twice in one place.", "Remove one of them.");
            }

            read.Add(config);
        }

        return read;
    }

    private SinkConfig? ReadOne(ObjectValues values)
    {
        if (values.Has(SinkGrammar.Key) && !values.Has(SinkGrammar.Topic))
        {
            scope.Faults.Add(values.WhereOf(SinkGrammar.Key), FaultCodes.KeyConflict, $"'key' does not belong to {values.Path}.", "Remove it; it belongs to a topic.");
        }

        if (values.Get(SinkGrammar.Topic) is { } topic)
        {
            return new TopicSinkConfig(NameOf(values, topic), topic, values.Get(SinkGrammar.Key), values.WhereOf(SinkGrammar.Topic));
        }

        return values.Get(SinkGrammar.Webhook) is { } webhook ? Settle(ReadWebhook(webhook, NumberedName(values, "webhook")), webhook)
            : values.Get(ChatGrammar.Slack) is { } slack ? Settle(ReadChat(slack, ChatKind.Slack, NumberedName(values, "slack")), slack)
            : values.Get(ChatGrammar.Teams) is { } teams ? Settle(ReadChat(teams, ChatKind.Teams, NumberedName(values, "teams")), teams)
            : values.Get(FileGrammar.File) is { } file ? Settle(FileReader.ReadSink(file, NumberedName(values, "file"), scope), file)
            : values.Get(LiveGrammar.Sse) is { } sse ? Settle(LiveReader.Read(sse, LiveKind.Sse, NumberedName(values, "sse"), scope), sse)
            : values.Get(LiveGrammar.WebSocket) is { } socket ? Settle(LiveReader.Read(socket, LiveKind.WebSocket, NumberedName(values, "websocket"), scope), socket)
            : values.Get(SinkGrammar.Use) is { } use ? Settle(ReadUse(use, NumberedName(values, "use")), use)
            : values.Get(SinkGrammar.Smtp) is { } smtp ? ReadMail(smtp, NumberedName(values, "smtp"), values.WhereOf(SinkGrammar.Smtp))
            : values.Get(SinkGrammar.Outcome) is { } outcome ? MailReader.ReadOutcome(outcome, NumberedName(values, "outcome"), values.WhereOf(SinkGrammar.Outcome))
            : null;
    }

    private static WebhookSinkConfig? ReadWebhook(ObjectValues webhook, string name) => webhook.Get(SinkGrammar.WebhookUrl) is { } url
        ? new WebhookSinkConfig(name, url, webhook.Get(SinkGrammar.WebhookSecret) is { } secret ? new Secret(secret) : null, webhook.WhereOf(SinkGrammar.WebhookUrl))
        : null;

    private static UseSinkConfig? ReadUse(ObjectValues use, string name) => use.Get(SinkGrammar.UseName) is { } registered
        ? new UseSinkConfig(name, registered, use.WhereOf(SinkGrammar.UseName))
        : null;

    private static ChatSinkConfig? ReadChat(ObjectValues chat, ChatKind kind, string name) => chat.Get(ChatGrammar.Url) is { } url
        ? new ChatSinkConfig(name, kind, new Secret(url.AbsoluteUri), chat.Get(ChatGrammar.Text)?.Get(ChatGrammar.Template) ?? "{{ message.text }}", chat.WhereOf(ChatGrammar.Url))
        {
            Title = chat.Get(ChatGrammar.Title)?.Get(ChatGrammar.Template),
        }
        : null;

    private SmtpSinkConfig? ReadMail(ObjectValues smtp, string name, SourceLocation where) => MailReader.ReadSink(smtp, name, where, scope) is { } sink
        ? sink with { Breaker = ReadBreaker(smtp.Get(SinkGrammar.Breaker)) }
        : null;

    /// <summary>What all sinks outside have.</summary>
    private static OutboxSinkConfig? Settle(OutboxSinkConfig? sink, ObjectValues values) => sink is null ? null : sink with
    {
        Timeout = values.Get(SinkGrammar.Timeout, OutboxSinkConfig.TimeoutDefault),
        Breaker = ReadBreaker(values.Get(SinkGrammar.Breaker)),
    };

    private static BreakerRule? ReadBreaker(ObjectValues? values)
    {
        var rule = OutboxSinkConfig.BreakerDefault;
        if (values is null)
        {
            return rule;
        }

        var pause = values.Get(SinkGrammar.BreakerPause, new DurationRange(rule.PauseMin, rule.PauseMax));
        return values.Get(SinkGrammar.BreakerIs, true) ? new BreakerRule(values.Get(SinkGrammar.BreakerFailures, rule.Failures), pause.Min, pause.Max) : null;
    }

    private string NumberedName(ObjectValues values, string kind)
    {
        var number = _numbers[kind] = _numbers.GetValueOrDefault(kind) + 1;
        return NameOf(values, FormattableString.Invariant($"{kind}-{number}"));
    }

    private string NameOf(ObjectValues values, string made)
    {
        if (values.Get(SinkGrammar.Name) is { } given)
        {
            return given;
        }

        var name = made;
        for (var number = 2; !_names.Add(name); number++)
        {
            name = FormattableString.Invariant($"{made}-{number}");
        }

        return name;
    }
}
