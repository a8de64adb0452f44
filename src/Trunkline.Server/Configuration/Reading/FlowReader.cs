using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads entries of <c>flows</c>.</summary>
internal static class FlowReader
{
    /// <summary>The flow, or null if its source is unusable; that is reported.</summary>
    public static FlowConfig? Read(Named<ObjectValues> named, ObjectValues values, ProjectScope scope)
    {
        var steps = StepReader.Read(values.Get(FlowGrammar.Steps) ?? [], scope);
        var branches = ReadBranches(values, scope);
        if (ReadSource(named.Name, values.Get(FlowGrammar.From), scope) is not { } source)
        {
            return null;
        }

        var defaults = new FlowConfig { Name = named.Name, From = source, Branches = branches };
        return defaults with
        {
            Steps = steps,
            Deadline = values.Has(FlowGrammar.Deadline) ? values.Get(FlowGrammar.Deadline) : null,
            Retry = ReadRetry(values.Get(FlowGrammar.RetryKey), defaults.Retry),
            OnFailure = values.Get(FlowGrammar.OnFailure, defaults.OnFailure),
            Slo = values.Get(SloGrammar.Slo) is { } slo ? SloReader.Read(named.Name, slo, scope.Faults) : null,
            Keep = Keep(values.Get(FlowGrammar.Keep)),
            DeadRetention = values.Get(FlowGrammar.Dead) is { } dead && dead.Has(FlowGrammar.DeadRetention) ? dead.Get(FlowGrammar.DeadRetention, default) : null,
            Lanes = values.Get(FlowGrammar.Lanes, defaults.Lanes),
            Owner = values.Get(FlowGrammar.Owner),
            Where = named.Where,
        };
    }

    private static KeepConfig Keep(ObjectValues? values)
    {
        var defaults = new KeepConfig();
        return values is null ? defaults : new KeepConfig
        {
            Effects = TopicReader.Retention(values.Get(FlowGrammar.KeepEffects)) ?? defaults.Effects,
            Outcomes = TopicReader.Retention(values.Get(FlowGrammar.KeepOutcomes)) ?? defaults.Outcomes,
            Sent = TopicReader.Retention(values.Get(FlowGrammar.KeepSent)) ?? defaults.Sent,
        };
    }

    /// <summary>The source; null if it is unusable, which is reported.</summary>
    public static SourceConfig? ReadSource(string flow, ObjectValues? values, ProjectScope scope)
    {
        if (values is null)
        {
            return null;
        }

        foreach (var key in new GrammarKey[] { FlowGrammar.FromGroup, FlowGrammar.FromStart, FlowGrammar.FromVersion }.Where(k => values.Has(k) && !values.Has(FlowGrammar.FromTopic)))
        {
            scope.Faults.Add(values.WhereOf(key), FaultCodes.KeyConflict, $"'{key.Name}' does not belong to {values.Path}.", "Remove it; it belongs to a topic.");
        }

        if (values.Get(FlowGrammar.FromTopic) is { } topic)
        {
            var group = values.Get(FlowGrammar.FromGroup) ?? Names.Group(flow);
            return new TopicSourceConfig(topic, group, values.Get(FlowGrammar.FromStart, SubscribeStart.Earliest), values.WhereOf(FlowGrammar.FromTopic))
            {
                Version = values.Has(FlowGrammar.FromVersion) ? values.Get(FlowGrammar.FromVersion) : null,
            };
        }

        if (values.Get(FlowGrammar.FromMaildir) is { } folder)
        {
            return new MaildirSourceConfig(scope.Resolve(folder), values.WhereOf(FlowGrammar.FromMaildir));
        }

        if (values.Get(FlowGrammar.FromWebhook) is { } hook)
        {
            return HookReader.Read(hook, values.WhereOf(FlowGrammar.FromWebhook), scope);
        }

        if (values.Get(MailGrammar.FromImap) is { } imap)
        {
            return MailReader.ReadImap(imap, values.WhereOf(MailGrammar.FromImap), scope);
        }

        if (values.Get(MailGrammar.FromSmtp) is { } smtp)
        {
            return MailReader.ReadSmtp(smtp, values.WhereOf(MailGrammar.FromSmtp), scope);
        }

        if (values.Get(MailGrammar.FromMbox) is { } mbox)
        {
            return new MboxSourceConfig(scope.Resolve(mbox), values.WhereOf(MailGrammar.FromMbox));
        }

        if (values.Get(FileSourceGrammar.File) is { } file)
        {
            return FileReader.ReadSource(file, scope);
        }

        if (values.Get(SocketSourceGrammar.WebSocket) is { } socket)
        {
            return LiveReader.ReadSource(socket, scope);
        }

        if (values.Get(FlowGrammar.FromSchedule) is { } schedule)
        {
            return schedule.Get(ScheduleGrammar.Cron) is { } cron
                ? new ScheduleSourceConfig(cron, schedule.Get(ScheduleGrammar.Zone) ?? "UTC", schedule.Get(ScheduleGrammar.Missed), values.WhereOf(FlowGrammar.FromSchedule))
                : null;
        }

        if (values.Get(FlowGrammar.FromUse) is { } use)
        {
            return new UseSourceConfig(use, values.WhereOf(FlowGrammar.FromUse));
        }

        return values.Get(FlowGrammar.FromHttp) is { } path ? new HttpSourceConfig(path, values.WhereOf(FlowGrammar.FromHttp)) : null;
    }

    private static List<BranchConfig> ReadBranches(ObjectValues values, ProjectScope scope)
    {
        var sinks = new SinkReader(scope);
        var to = values.Get(FlowGrammar.To);
        var branches = values.Get(FlowGrammar.Branches) ?? [];
        var late = values.Get(FlowGrammar.Late);
        sinks.Reserve((to ?? branches.SelectMany(b => b.Value.Get(FlowGrammar.BranchTo) ?? [])).Concat(late ?? []));
        var read = to is null ? ReadChoices(branches, sinks, scope) : [new BranchConfig(null, sinks.Read(to), values.WhereOf(FlowGrammar.To))];
        if (late is not null)
        {
            if (!values.Has(FlowGrammar.Deadline))
            {
                scope.Faults.Add(
                    values.WhereOf(FlowGrammar.Late), FaultCodes.MissingKey, $"{values.Path} has 'late', but no 'deadline' anything could be late for.", "Add deadline, or remove late.");
            }

            read.Add(new BranchConfig(null, sinks.Read(late), values.WhereOf(FlowGrammar.Late)) { IsLate = true });
        }

        return read;
    }

    private static List<BranchConfig> ReadChoices(IReadOnlyList<Located<ObjectValues>> branches, SinkReader sinks, ProjectScope scope)
    {
        var read = new List<BranchConfig>();
        foreach (var branch in branches)
        {
            if (read.Find(b => b.When is null) is { } otherwise)
            {
                scope.Faults.Add(
                    branch.Where,
                    FaultCodes.UnreachableBranch,
                    FormattableString.Invariant($"{branch.Value.Path} is never reached: 'otherwise' in line {otherwise.Where.Line} takes everything."),
                    "Move 'otherwise' to the end, or remove what follows it.");
            }

            var when = branch.Value.Get(FlowGrammar.When);
            var isOtherwise = branch.Value.Get(FlowGrammar.Otherwise, false) && !branch.Value.Has(FlowGrammar.When);
            if (when is not null || isOtherwise)
            {
                read.Add(new BranchConfig(when, sinks.Read(branch.Value.Get(FlowGrammar.BranchTo) ?? []), branch.Where));
            }
            else
            {
                sinks.Read(branch.Value.Get(FlowGrammar.BranchTo) ?? []);
            }
        }

        return read;
    }

    private static RetryConfig ReadRetry(ObjectValues? values, RetryConfig defaults)
    {
        if (values is null)
        {
            return defaults;
        }

        var backoff = values.Get(FlowGrammar.Backoff, new DurationRange(defaults.BackoffMin, defaults.BackoffMax));
        return new RetryConfig(values.Get(FlowGrammar.Attempts, defaults.Attempts), backoff.Min, backoff.Max)
        {
            Later = values.Get(FlowGrammar.Later) is { Count: > 0 } later ? [.. later.Select(l => l.Value)] : defaults.Later,
        };
    }
}
