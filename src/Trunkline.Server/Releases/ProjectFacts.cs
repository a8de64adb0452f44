using System.Globalization;
using Trunkline.Core.Config;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Releases;

/// <summary>
/// Writes a project as facts: independent of comments, order, formatting and of the folder it lies in. The node's own settings
/// are left out: they are not part of a revision.
/// </summary>
/// <param name="salt">Keys the hashes of secrets, so that they cannot be guessed from outside.</param>
/// <param name="fileHash">Hash of a model file's content, or null if there is none.</param>
internal sealed partial class ProjectFacts(byte[] salt, Func<string, string?> fileHash)
{
    /// <summary>The items, by kind and name.</summary>
    public IReadOnlyList<ProjectItem> Of(ProjectConfig project) =>
    [
        .. Alerts(project.Alerts, project.BaseDirectory),
        .. project.Owners.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => Owner(o.Key, o.Value)),
        .. Policies(project.Policies),
        .. project.Promises.Values.OrderBy(p => p.Name, StringComparer.Ordinal).Select(Promise),
        .. project.Topics.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => Topic(t.Value, project.BaseDirectory)),
        .. project.Models.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => Model(m.Value, project.BaseDirectory)),
        .. project.Flows.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => Flow(f.Value, project.BaseDirectory)),
    ];

    /// <summary>None where nothing is written: revisions from before the section existed keep their hash.</summary>
    private IEnumerable<ProjectItem> Alerts(AlertConfig alerts, string folder)
    {
        var facts = new Facts();
        foreach (var (name, receiver) in alerts.Receivers)
        {
            Sink(facts, $"receivers.{name}.", receiver, folder);
        }

        var rules = RulesOf(alerts);
        facts.Add("rules", rules == RulesOf(new AlertConfig()) ? null : rules);
        facts.Add("default", alerts.Default.Count == 0 ? null : string.Join(' ', alerts.Default));
        facts.Add("escalate", alerts.Escalation is [var first, ..] ? string.Join(' ', first.To) : null);
        facts.Add("escalate.later", alerts.Escalation.Count < 2 ? null : string.Join("; ", alerts.Escalation.Skip(1).Select(s => $"{DurationText.Format(s.After)} {string.Join(' ', s.To)}")));
        var watched = new AlertConfig();
        facts.Add("drift", alerts.Drift == watched.Drift ? null : FormattableString.Invariant($"{alerts.Drift}"));
        facts.Add("expiring", alerts.Expiring == watched.Expiring ? null : DurationText.Format(alerts.Expiring));
        facts.Add("link", alerts.Link?.AbsoluteUri);
        return facts.Values.Count == 0 ? [] : [new ProjectItem("alerts", "alerts", facts.Values)];
    }

    private static string RulesOf(AlertConfig alerts) =>
        FormattableString.Invariant($"lag {alerts.Lag} dead {alerts.DeadLetters} parked {alerts.ParkedKeys} breaker {alerts.Breaker} budget {alerts.OverBudget} group {alerts.Group} repeat {alerts.Repeat} escalate {(alerts.Escalation is [var first, ..] ? first.After : AlertStage.AfterDefault)}");

    private static ProjectItem Owner(string name, OwnerConfig owner)
    {
        var facts = new Facts();
        facts.Add("email", owner.Email);
        facts.Add("chat", owner.Chat);
        facts.Add("runbook", owner.Runbook?.AbsoluteUri);
        facts.Add("alerts", owner.Alerts.Count == 0 ? null : string.Join(' ', owner.Alerts));
        facts.Add("limits.lag", owner.Limits.Lag is { } lag ? DurationText.Format(lag) : null);
        facts.Add("limits.breaker", owner.Limits.Breaker is { } breaker ? DurationText.Format(breaker) : null);
        facts.Add("limits.expiring", owner.Limits.Expiring is { } expiring ? DurationText.Format(expiring) : null);
        foreach (var (limit, count) in new[] { ("deadLetters", owner.Limits.DeadLetters), ("parkedKeys", owner.Limits.ParkedKeys), ("overBudget", owner.Limits.OverBudget), ("drift", owner.Limits.Drift) })
        {
            facts.Add("limits." + limit, (long?)count);
        }
        return new ProjectItem("owner", name, facts.Values);
    }

    private static ProjectItem Promise(PromiseConfig promise)
    {
        var facts = new Facts();
        facts.Add("slo", promise.Slo);
        facts.Add("to", promise.ToOwner);
        facts.Add("tenant", promise.ToTenant);
        facts.Add("target", promise.Target is { } target ? FormattableString.Invariant($"{target}") : null);
        return new ProjectItem("promise", promise.Name, facts.Values);
    }

    private static IEnumerable<ProjectItem> Policies(PolicyConfig policies)
    {
        var facts = new Facts();
        facts.Add("owner", policies.Owner ? "required" : null);
        facts.Add("subject", policies.Subject ? "required" : null);
        facts.Add("slo", policies.Slo ? "required" : null);
        facts.Add("breaking", policies.Breaking ? "approved" : null);
        facts.Add("topicNames", policies.TopicNames);
        facts.Add("flowNames", policies.FlowNames);
        facts.Add("except", Joined([.. policies.Except.Order(StringComparer.Ordinal)]));
        return facts.Values.Count == 0 ? [] : [new ProjectItem("policies", "project", facts.Values)];
    }

    private static ProjectItem Topic(TopicConfig topic, string folder)
    {
        var (settings, facts) = (topic.Settings, new Facts());
        facts.Add("partitions", settings.Partitions);
        facts.Add("durability", settings.Durability.ToString());
        facts.Add("retention.age", settings.RetentionAge);
        facts.Add("retention.size", settings.RetentionBytes is { } bytes ? SizeText.Format(bytes) : null);
        facts.Add("dedupeWindow", settings.DedupeWindow);
        facts.Add("messageSize", SizeText.Format(settings.MessageBytesMax));
        facts.Add("compacted", settings.Compacted ? "true" : "false");
        facts.Add("subject", topic.Subject);
        facts.Add("contract", topic.Contract switch { ContractPolicy.Reject => null, ContractPolicy.DeadLetter => "dead-letter", _ => "observe" });
        facts.Add("checkReads", topic.ChecksReads ? "true" : null);
        facts.Add("deprecated.sunset", topic.Deprecated?.Sunset.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        facts.Add("deprecated.use", topic.Deprecated?.Use);
        facts.Add("schema", topic.Schema is null ? null : Relative(folder, topic.Schema));
        foreach (var reader in topic.Readers)
        {
            facts.Add($"readers.{reader.Name}.fields", Joined([.. reader.Fields.Order(StringComparer.Ordinal)]));
            facts.Add($"readers.{reader.Name}.owner", reader.Owner);
            facts.Add($"readers.{reader.Name}.version", reader.Version);
        }

        facts.Add("owner", topic.Owner);
        return new ProjectItem("topic", settings.Name, facts.Values);
    }

    private ProjectItem Model(ModelConfig model, string folder)
    {
        var facts = new Facts();
        facts.Add("kind", model.Kind);
        facts.Add("use", model.Use);
        facts.Add("path", model.Path is null ? null : Relative(folder, model.Path));
        facts.Add("file", model.Path is null ? null : fileHash(model.Path));
        facts.Add("endpoint", model.Endpoint is null ? null : Address(model.Endpoint));
        facts.Add("model", model.Model);
        facts.Add("token", Hidden(model.Token?.Value));
        facts.Add("system", model.System);
        facts.Add("timeout", model.Timeout);
        facts.Add("maxTokens", (long?)model.MaxTokens);
        facts.Add("languages", Joined(model.Languages));
        facts.Add("tokenizer", model.Tokenizer is null ? null : Relative(folder, model.Tokenizer));
        facts.Add("tokenizerFile", model.Tokenizer is null ? null : fileHash(model.Tokenizer));
        facts.Add("tools", model.Tools is null ? null : Relative(folder, model.Tools));
        facts.Add("toolsFile", model.Tools is null ? null : fileHash(model.Tools));
        facts.Add("labels", Joined(model.Labels));
        facts.Add("request", model.Request);
        facts.Add("response", model.Response);
        foreach (var version in model.Versions)
        {
            facts.Add("versions." + version.Model, version.Share);
        }

        Answers(facts, model.Answers, folder);
        Limits(facts, model.Limits);
        facts.Add("owner", model.Owner);
        return new ProjectItem("model", model.Name, facts.Values);
    }

    private void Answers(Facts facts, ModelAnswerConfig answers, string folder)
    {
        facts.Add("schema", answers.Schema is null ? null : Relative(folder, answers.Schema));
        facts.Add("schemaFile", answers.Schema is null ? null : fileHash(answers.Schema));
        facts.Add("language", answers.Language is { } language ? $"{language.Code ?? "same"} by {language.By}" : null);
        facts.Add("hedge", answers.Hedge);
        facts.Add("cache", answers.Cache);
        facts.Add("warmUp", answers.WarmUp);
        Fallback(facts, "fallback.", answers.Fallback);
    }

    private static void Fallback(Facts facts, string path, FallbackConfig? fallback)
    {
        facts.Add(path + "model", fallback?.Model);
        facts.Add(path + "on", fallback is null ? null : Joined([.. fallback.On.Select(f => f.ToString()).Order(StringComparer.Ordinal)]));
    }

    private static string? Joined(IReadOnlyList<string> items) => items.Count == 0 ? null : string.Join(", ", items);

    private static void Limits(Facts facts, ModelLimitsConfig limits)
    {
        if (limits.Concurrency is { } concurrency)
        {
            facts.Add("concurrency.max", concurrency.Max);
            facts.Add("concurrency.min", concurrency.Min);
            facts.Add("concurrency.start", concurrency.Start);
            facts.Add("concurrency.queue", concurrency.Queue);
        }

        for (var i = 0; i < limits.Budgets.Count; i++)
        {
            var (budget, path) = (limits.Budgets[i], FormattableString.Invariant($"budget[{i + 1}]."));
            facts.Add(path + "calls", budget.Calls);
            facts.Add(path + "tokens", budget.Tokens);
            facts.Add(path + "money", budget.Money);
            facts.Add(path + "per", budget.Per);
            facts.Add(path + "each", budget.EachTenant ? "tenant" : null);
        }

        foreach (var (name, price) in new[] { ("input", limits.Price.Input), ("output", limits.Price.Output), ("call", limits.Price.Call) }.Where(p => p.Item2 != 0))
        {
            facts.Add("price." + name, price);
        }
    }

    private ProjectItem Flow(FlowConfig flow, string folder)
    {
        var facts = new Facts();
        Source(facts, flow.From, folder);
        for (var i = 0; i < flow.Steps.Count; i++)
        {
            Step(facts, FormattableString.Invariant($"steps[{i + 1}]."), flow.Steps[i]);
        }

        for (var i = 0; i < flow.Branches.Count; i++)
        {
            var (branch, path) = (flow.Branches[i], FormattableString.Invariant($"branch[{i + 1}]."));
            facts.Add(path + "when", branch.IsLate ? "late" : branch.When ?? "always");
            for (var j = 0; j < branch.To.Count; j++)
            {
                Sink(facts, path + FormattableString.Invariant($"to[{j + 1}]."), branch.To[j], folder);
            }
        }

        facts.Add("deadline", flow.Deadline);
        facts.Add("retry.attempts", flow.Retry.Attempts);
        facts.Add("retry.backoff", new DurationRange(flow.Retry.BackoffMin, flow.Retry.BackoffMax).ToString());
        if (flow.Retry.Later.Count > 0)
        {
            facts.Add("retry.later", string.Join(' ', flow.Retry.Later.Select(DurationText.Format)));
        }

        if (flow.DeadRetention is { } retention)
        {
            facts.Add("deadRetention", DurationText.Format(retention));
        }

        Keep(facts, flow.Keep);
        Slo(facts, flow.Slo);
        facts.Add("onFailure", flow.OnFailure.ToString());
        facts.Add("lanes", flow.Lanes);
        facts.Add("owner", flow.Owner);
        return new ProjectItem("flow", flow.Name, facts.Values);
    }

    /// <summary>What is not as by default: revisions from before the key existed keep their hash.</summary>
    private static void Keep(Facts facts, KeepConfig keep)
    {
        var defaults = new KeepConfig();
        foreach (var (what, own, usual) in new[] { ("effects", keep.Effects, defaults.Effects), ("outcomes", keep.Outcomes, defaults.Outcomes), ("sent", keep.Sent, defaults.Sent) })
        {
            if (own != usual)
            {
                facts.Add($"keep.{what}.age", own.Age is { } age ? DurationText.Format(age) : "any");
                facts.Add($"keep.{what}.size", own.Bytes is { } bytes ? SizeText.Format(bytes) : "any");
            }
        }
    }

    private static void Slo(Facts facts, SloConfig? slo)
    {
        if (slo is null)
        {
            return;
        }

        facts.Add("slo.within", slo.Within is { } within ? DurationText.Format(within) : null);
        foreach (var one in slo.Objectives)
        {
            facts.Add($"slo.{one.Name}", FormattableString.Invariant($"{one.Measure} {one.Target} {DurationText.Format(one.Window)}"));
            facts.Add($"slo.{one.Name}.slices", one.Slices is { } slices ? FormattableString.Invariant($"{DurationText.Format(slices.Length)} {slices.Target}") : null);
            facts.Add($"slo.{one.Name}.calendar", one.Calendar is { } calendar ? FormattableString.Invariant($"{calendar.Start:s} {calendar.Zone.Id} {calendar.Days}d {calendar.Months}M") : null);
        }

        facts.Add("slo.perTenant", slo.PerTenant ? "true" : null);
        facts.Add("slo.least", slo.Least);
        facts.Add("slo.quietMax", slo.QuietMax is { } quiet ? DurationText.Format(quiet) : null);
    }

    private void Source(Facts facts, SourceConfig source, string folder)
    {
        switch (source)
        {
            case TopicSourceConfig topic:
                facts.Add("from.topic", topic.Topic);
                facts.Add("from.version", (long?)topic.Version);
                facts.Add("from.group", topic.Group);
                facts.Add("from.start", topic.Start.ToString());
                break;
            case MaildirSourceConfig maildir:
                facts.Add("from.maildir", Relative(folder, maildir.Path));
                break;
            case HttpSourceConfig http:
                facts.Add("from.http", http.Path);
                break;
            case WebhookSourceConfig hook:
                facts.Add("from.webhook.path", hook.Path);
                facts.Add("from.webhook.verify", hook.Verify.ToString());
                facts.Add("from.webhook.secret", string.Join(' ', hook.Secrets.Select(secret => Hidden(secret.Value))));
                facts.Add("from.webhook.tolerance", hook.Tolerance);
                facts.Add("from.webhook.remember", hook.Remember);
                facts.Add("from.webhook.url", hook.Url?.AbsoluteUri);
                break;
            case ImapSourceConfig imap:
                Server(facts, "from.imap.", imap.Server, folder);
                facts.Add("from.imap.timeout", imap.Server.Timeout);
                facts.Add("from.imap.folder", imap.Folder);
                facts.Add("from.imap.flag", imap.Flag);
                facts.Add("from.imap.poll", imap.Poll);
                facts.Add("from.imap.maxSize", imap.MailBytesMax);
                break;
            case SmtpSourceConfig smtp:
                facts.Add("from.smtp.listen", smtp.Listen.ToString());
                facts.Add("from.smtp.recipients", string.Join(' ', smtp.Recipients));
                facts.Add("from.smtp.hostname", smtp.HostName);
                facts.Add("from.smtp.tls.certificate", smtp.Certificate is null ? null : Relative(folder, smtp.Certificate));
                facts.Add("from.smtp.tls.key", smtp.Key is null ? null : Relative(folder, smtp.Key));
                facts.Add("from.smtp.tls.required", smtp.RequireTls ? "true" : null);
                facts.Add("from.smtp.maxSize", smtp.MailBytesMax);
                facts.Add("from.smtp.connections", smtp.ConnectionsMax);
                facts.Add("from.smtp.perClient", smtp.ConnectionsPerClientMax);
                facts.Add("from.smtp.timeout", smtp.Timeout);
                break;
            case MboxSourceConfig mbox:
                facts.Add("from.mbox", Relative(folder, mbox.Path));
                break;
            case WebSocketSourceConfig socket:
                facts.Add("from.websocket.path", socket.Path);
                facts.Add("from.websocket.secret", Hidden(socket.Secrets.Count > 0 ? string.Join('\n', socket.Secrets.Select(secret => secret.Value)) : null));
                facts.Add("from.websocket.maxSize", socket.FrameBytesMax);
                facts.Add("from.websocket.clients", socket.ClientsMax);
                break;
            case FileSourceConfig file:
                facts.Add("from.file.path", Relative(folder, file.Pattern));
                facts.Add("from.file.encoding", file.Encoding.ToString());
                facts.Add("from.file.format", file.IsJson ? "json" : "text");
                facts.Add("from.file.maxLine", file.LineBytesMax);
                break;
            case ScheduleSourceConfig schedule:
                facts.Add("from.schedule.cron", schedule.Cron);
                facts.Add("from.schedule.zone", schedule.Zone);
                facts.Add("from.schedule.missed", schedule.Missed.ToString());
                break;
            case UseSourceConfig use:
                facts.Add("from.use", use.Use);
                break;
            default:
                throw new InvalidOperationException($"Source {source.GetType().Name} has no facts.");
        }
    }
}
