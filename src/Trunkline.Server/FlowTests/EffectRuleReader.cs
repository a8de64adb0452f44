using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Faults;

namespace Trunkline.Server.FlowTests;

/// <summary>Reads entries of <c>effects</c>.</summary>
internal sealed class EffectRuleReader(ProjectConfig project, FaultList faults)
{
    /// <summary>The rules; those of a file that speak of what another flow has are no fault.</summary>
    public IEnumerable<EffectRule> Read(IReadOnlyList<Located<ObjectValues>> items, FlowConfig flow, bool ofFile)
    {
        foreach (var item in items)
        {
            var values = item.Value;
            if (TargetOf(values) is not { } target)
            {
                continue;
            }

            CheckTarget(values, target, flow, ofFile);
            CheckAnswer(values, target.Kind);
            FaultKind? fault = values.Has(FlowTestGrammar.EffectFail) ? values.Get(FlowTestGrammar.EffectFail, default) : null;
            yield return new EffectRule
            {
                Kind = target.Kind,
                Name = target.Name,
                Input = values.Get(FlowTestGrammar.EffectInput),
                Times = values.Has(FlowTestGrammar.EffectTimes) ? values.Get(FlowTestGrammar.EffectTimes, 1) : fault is null ? null : 1,
                Answer = values.Get(FlowTestGrammar.EffectAnswer) is { } answer ? JsonBytes.Of(answer) : null,
                Status = values.Has(FlowTestGrammar.EffectStatus) ? values.Get(FlowTestGrammar.EffectStatus, 200) : null,
                Fault = fault,
                RetryAfter = values.Has(FlowTestGrammar.EffectRetryAfter) ? values.Get(FlowTestGrammar.EffectRetryAfter, default) : null,
                OfFile = ofFile,
                Where = item.Where,
            };
        }
    }

    private static (EffectKind Kind, string Name, GrammarKey Key)? TargetOf(ObjectValues values)
    {
        if (values.Get(FlowTestGrammar.EffectModel) is { } model)
        {
            return (EffectKind.Model, model, FlowTestGrammar.EffectModel);
        }

        if (values.Get(FlowTestGrammar.EffectWebhook) is { } webhook)
        {
            return (EffectKind.Http, webhook, FlowTestGrammar.EffectWebhook);
        }

        if (values.Get(FlowTestGrammar.EffectStep) is { } step)
        {
            return (EffectKind.Custom, step, FlowTestGrammar.EffectStep);
        }

        return values.Get(FlowTestGrammar.EffectUse) is { } use ? (EffectKind.Custom, use, FlowTestGrammar.EffectUse) : null;
    }

    private void CheckTarget(ObjectValues values, (EffectKind Kind, string Name, GrammarKey Key) target, FlowConfig flow, bool ofFile)
    {
        IEnumerable<FlowConfig> flows = ofFile ? project.Flows.Values : [flow];
        var known = target.Kind switch
        {
            EffectKind.Model => flows.SelectMany(f => f.Models),
            EffectKind.Http => flows.SelectMany(f => f.Branches).SelectMany(b => b.To).OfType<OutboxSinkConfig>().Select(s => s.Name),
            _ when target.Key == FlowTestGrammar.EffectStep => flows.SelectMany(f => f.AskingSteps),
            _ => flows.SelectMany(f => f.Steps).OfType<UseStepConfig>().Select(s => s.Use),
        };
        var names = known.Distinct(StringComparer.Ordinal).ToArray();
        if (!names.Contains(target.Name))
        {
            var whose = ofFile ? "No flow of the project" : $"Flow '{flow.Name}'";
            faults.Add(
                values.WhereOf(target.Key),
                FaultCodes.BadValue,
                $"{whose}{(ofFile ? " has a" : " has no")} {target.Key.Name} '{Printable.Show(target.Name)}'.",
                Suggestion.Remedy(target.Name, names, names.Length == 0 ? "Remove the entry." : $"Known: {string.Join(", ", names)}."));
        }
    }

    private void CheckAnswer(ObjectValues values, EffectKind kind)
    {
        GrammarKey[] answers = [FlowTestGrammar.EffectAnswer, FlowTestGrammar.EffectStatus, FlowTestGrammar.EffectFail];
        var present = answers.Where(values.Has).ToArray();
        if (present.Length != 1)
        {
            faults.Add(
                present.Length == 0 ? values.Where : values.WhereOf(present[1]),
                present.Length == 0 ? FaultCodes.MissingKey : FaultCodes.KeyConflict,
                $"{values.Path} has {(present.Length == 0 ? "none" : "more than one")} of answer, status and fail.",
                "Write exactly one of them.");
        }
        else if (present[0] == FlowTestGrammar.EffectAnswer && kind == EffectKind.Http)
        {
            Conflict(values, FlowTestGrammar.EffectAnswer, "a webhook's answer is its 'status'.");
        }
        else if (present[0] == FlowTestGrammar.EffectStatus && kind != EffectKind.Http)
        {
            Conflict(values, FlowTestGrammar.EffectStatus, "only a webhook answers with a status; write 'answer' or 'fail'.");
        }
        else if (kind == EffectKind.Http && values.Has(FlowTestGrammar.EffectFail) && values.Get(FlowTestGrammar.EffectFail, default) == FaultKind.Garbage)
        {
            Conflict(values, FlowTestGrammar.EffectFail, "what a webhook's receiver answers besides its status is not read.");
        }

        if (values.Has(FlowTestGrammar.EffectRetryAfter) && values.Has(FlowTestGrammar.EffectAnswer))
        {
            Conflict(values, FlowTestGrammar.EffectRetryAfter, "it belongs to a failure.");
        }
    }

    private void Conflict(ObjectValues values, GrammarKey key, string why) =>
        faults.Add(values.WhereOf(key), FaultCodes.KeyConflict, $"'{key.Name}' does not belong to {values.Path}: {why}", "Remove it.");
}
