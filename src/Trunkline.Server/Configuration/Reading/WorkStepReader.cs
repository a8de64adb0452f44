using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads the steps of <see cref="WorkStepGrammar"/>.</summary>
internal static class WorkStepReader
{
    /// <summary>The step; null if it is another, or lacks what it needs, which is reported.</summary>
    /// <param name="values">The step.</param>
    /// <param name="name">Its name, by its kind.</param>
    /// <param name="scope">What the readers share.</param>
    public static StepConfig? Read(ObjectValues values, Func<string, string> name, ProjectScope scope) =>
        values.Get(WorkStepGrammar.Enrich) is { } enrich ? ReadEnrich(enrich, name("enrich"), values.WhereOf(WorkStepGrammar.Enrich))
        : values.Get(WorkStepGrammar.Redact) is { } redact ? ReadRedact(redact, name("redact"), values.WhereOf(WorkStepGrammar.Redact))
        : values.Get(WorkStepGrammar.Split) is { } split ? ReadSplit(split, name("split"), values.WhereOf(WorkStepGrammar.Split))
        : values.Get(WorkStepGrammar.Batch) is { } batch ? ReadBatch(batch, name("batch"), values.WhereOf(WorkStepGrammar.Batch))
        : values.Get(WorkStepGrammar.Join) is { } join ? ReadJoin(join, name("join"), values.WhereOf(WorkStepGrammar.Join), scope)
        : values.Get(WorkStepGrammar.Throttle) is { } throttle ? ReadThrottle(throttle, name("throttle"), values.WhereOf(WorkStepGrammar.Throttle))
        : values.Get(WorkStepGrammar.Exec) is { } exec ? ReadExec(exec, name("exec"), values.WhereOf(WorkStepGrammar.Exec), scope)
        : null;

    private static EnrichStepConfig? ReadEnrich(ObjectValues enrich, string name, SourceLocation where) =>
        enrich.Get(WorkStepGrammar.Url) is { } url && enrich.Get(WorkStepGrammar.EnrichOutput) is { } output
            ? new EnrichStepConfig(name, url, output, where)
            {
                Body = enrich.Get(WorkStepGrammar.Body),
                Token = enrich.Get(WorkStepGrammar.Token) is { } token ? new Secret(token) : null,
                Timeout = enrich.Get(WorkStepGrammar.EnrichTimeout, TimeSpan.FromSeconds(5)),
                FailsIfMissing = enrich.Get(WorkStepGrammar.Missing),
            }
            : null;

    private static RedactStepConfig ReadRedact(ObjectValues redact, string name, SourceLocation where) =>
        new(name, redact.Get(WorkStepGrammar.Kinds) is { } kinds ? [.. kinds.Select(kind => kind.Value).Distinct()] : Enum.GetValues<RedactKind>(), where)
        {
            Fields = [.. (redact.Get(WorkStepGrammar.Fields) ?? []).Select(field => field.Value).Distinct(StringComparer.Ordinal)],
            Names = redact.Get(WorkStepGrammar.NamesBy),
            With = redact.Get(WorkStepGrammar.With) ?? "[{kind}]",
        };

    private static SplitStepConfig? ReadSplit(ObjectValues split, string name, SourceLocation where) =>
        split.Get(WorkStepGrammar.List) is { } list ? new SplitStepConfig(name, list, split.Get(WorkStepGrammar.SplitMax, 1_000), where) : null;

    private static BatchStepConfig? ReadBatch(ObjectValues batch, string name, SourceLocation where) => batch.Has(WorkStepGrammar.Size) && batch.Has(WorkStepGrammar.Within)
        ? new BatchStepConfig(name, batch.Get(WorkStepGrammar.Size, 2), batch.Get(WorkStepGrammar.Within, TimeSpan.FromSeconds(1)), where)
        : null;

    private static JoinStepConfig? ReadJoin(ObjectValues join, string name, SourceLocation where, ProjectScope scope)
    {
        if (join.Get(WorkStepGrammar.Of) is not { Count: > 1 } of || join.Get(WorkStepGrammar.By) is not { } by || !join.Has(WorkStepGrammar.Within))
        {
            return null;
        }

        foreach (var again in of.GroupBy(one => one.Value, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            scope.Faults.Add(again.Last().Where, FaultCodes.DuplicateName, $"The sort '{Printable.Show(again.Key)}' stands twice in {join.Path}.of.", "Remove one of them.");
        }

        return new JoinStepConfig(name, [.. of.Select(one => one.Value)], by, join.Get(WorkStepGrammar.Within, TimeSpan.FromSeconds(1)), where)
        {
            GoesOnWithout = join.Get(WorkStepGrammar.JoinMissing, true),
        };
    }

    private static ThrottleStepConfig? ReadThrottle(ObjectValues throttle, string name, SourceLocation where) => throttle.Has(WorkStepGrammar.Messages)
        ? new ThrottleStepConfig(
            name, throttle.Get(WorkStepGrammar.Messages, 1), throttle.Get(WorkStepGrammar.Per, TimeSpan.FromSeconds(1)), throttle.Get(WorkStepGrammar.Each, ThrottleShare.All), where)
        : null;

    private static ExecStepConfig? ReadExec(ObjectValues exec, string name, SourceLocation where, ProjectScope scope)
    {
        if (exec.Get(WorkStepGrammar.Command) is not { Count: > 0 } command)
        {
            return null;
        }

        var defaults = new ExecStepConfig(name, [.. command.Select(part => part.Value)], scope.Resolve("."), where);
        return defaults with
        {
            Output = exec.Get(WorkStepGrammar.ExecOutput),
            Timeout = exec.Get(WorkStepGrammar.ExecTimeout, defaults.Timeout),
            MemoryMax = exec.Get(WorkStepGrammar.Memory, defaults.MemoryMax),
            ProcessesMax = exec.Get(WorkStepGrammar.Processes, defaults.ProcessesMax),
            Pool = exec.Has(WorkStepGrammar.Pool) ? exec.Get(WorkStepGrammar.Pool, 1) : 0,
            Environment = [.. (exec.Get(WorkStepGrammar.Env) ?? []).Where(one => one.Value is not null).Select(one => (one.Name, new Secret(one.Value!)))],
            LogsErrors = exec.Get(WorkStepGrammar.Stderr),
        };
    }
}
