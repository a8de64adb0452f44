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
            if (ReadOne(steps[i].Value, i + 1) is not { } step)
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

    private static StepConfig? ReadOne(ObjectValues values, int place)
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

        return values.Get(StepGrammar.Infer) is { } infer && infer.Get(StepGrammar.InferModel) is { } model ? ReadInfer(Name("infer"), infer, model) : null;
    }

    private static InferStepConfig ReadInfer(string name, ObjectValues infer, string model) =>
        new(name, model, infer.Get(StepGrammar.InferInput) ?? "message.text", infer.Get(StepGrammar.InferOutput) ?? model, infer.WhereOf(StepGrammar.InferModel));
}
