using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads the steps of a flow and names them.</summary>
internal static class StepReader
{
    public static IReadOnlyList<StepConfig> Read(IReadOnlyList<Located<ObjectValues>> steps, ProjectScope scope)
    {
        var read = new List<StepConfig>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < steps.Count; i++)
        {
            if (ReadOne(steps[i].Value, i + 1, scope) is not { } step)
            {
                continue;
            }

            if (!names.Add(step.Name))
            {
                scope.Faults.Add(step.Where, FaultCodes.DuplicateName, $"Two steps of the flow are named '{step.Name}'.", "Give one of them another name.");
            }

            read.Add(step);
        }

        return read;
    }

    private static StepConfig? ReadOne(ObjectValues values, int place, ProjectScope scope)
    {
        string Name(string kind) => values.Get(StepGrammar.Name) ?? FormattableString.Invariant($"{kind}-{place}");

        if (values.Get(StepGrammar.Parse) is { } format)
        {
            return new ParseStepConfig(Name("parse"), format, values.WhereOf(StepGrammar.Parse));
        }

        if (values.Get(StepGrammar.Map) is { } map)
        {
            return new MapStepConfig(Name("map"), map, values.WhereOf(StepGrammar.Map));
        }

        if (values.Get(StepGrammar.Filter) is { } filter)
        {
            return new FilterStepConfig(Name("filter"), filter, values.WhereOf(StepGrammar.Filter));
        }

        if (values.Get(StepGrammar.Use) is { } use)
        {
            return new UseStepConfig(Name("use"), use, values.WhereOf(StepGrammar.Use));
        }

        if (values.Get(StepGrammar.State) is { } state)
        {
            return state.Get(StateGrammar.Update) is not { } update ? null : new StateStepConfig(
                Name("state"),
                update,
                state.Get(StateGrammar.Output),
                state.Has(StateGrammar.Expire) ? state.Get(StateGrammar.Expire, TimeSpan.Zero) : null,
                values.WhereOf(StepGrammar.State));
        }

        if (values.Get(StepGrammar.Timer) is { } timer)
        {
            return ReadTimer(Name("timer"), timer, scope);
        }

        return values.Get(StepGrammar.Infer) is { } infer && infer.Get(StepGrammar.InferModel) is { } model
            ? ReadInfer(Name("infer"), infer, model)
            : WorkStepReader.Read(values, Name, scope);
    }

    private static TimerStepConfig? ReadTimer(string name, ObjectValues timer, ProjectScope scope)
    {
        var (set, cancelled, hasAfter) = (timer.Get(StateGrammar.As), timer.Get(StateGrammar.Cancel), timer.Has(StateGrammar.After));
        if (set is not null && !hasAfter)
        {
            scope.Faults.Add(timer.WhereOf(StateGrammar.As), FaultCodes.MissingKey, $"{timer.Path} lacks 'after'.", "Say when the timer is due, such as after: 10m.");
        }

        if (cancelled is not null && hasAfter)
        {
            scope.Faults.Add(timer.WhereOf(StateGrammar.After), FaultCodes.KeyConflict, $"'after' does not belong to a timer that is cancelled in {timer.Path}.", "Remove it.");
        }

        var after = set is not null ? timer.Get(StateGrammar.After, TimeSpan.FromSeconds(1)) : default(TimeSpan?);
        return (set ?? cancelled) is { } which ? new TimerStepConfig(name, which, after, timer.Get(StateGrammar.When), timer.Where) : null;
    }

    private static InferStepConfig ReadInfer(string name, ObjectValues infer, string model) =>
        new(name, model, infer.Get(StepGrammar.InferInput) ?? "message.text", infer.Get(StepGrammar.InferOutput) ?? model, infer.WhereOf(StepGrammar.InferModel))
        {
            Memo = infer.Get(StepGrammar.InferMemo) is { } memo && memo.Get(StepGrammar.MemoIs, true)
                ? new MemoConfig(memo.Get(StepGrammar.MemoTtl, new MemoConfig().Keep), memo.Get(StepGrammar.MemoScope, false))
                : null,
            Tools = [.. (infer.Get(StepGrammar.InferTools) ?? []).Select(tool => tool.Value).Distinct(StringComparer.Ordinal)],
            Overload = infer.Get(StepGrammar.InferOverload) is { } overload ? ReadOverload(overload) : null,
            Fallback = ModelReader.ReadFallback(infer.Get(StepGrammar.InferFallback)),
            Streams = infer.Get(StepGrammar.InferStream, false),
        };

    private static OverloadConfig ReadOverload(ObjectValues overload) => overload.Get(StepGrammar.OverloadReroute) is { } other
        ? new OverloadConfig(OverloadPolicy.Reroute, other)
        : new OverloadConfig(overload.Get(StepGrammar.OverloadDo));
}
