using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>What a step with <c>stream</c> needs: somebody to stream to, and models whose first text is the only one.</summary>
internal static class StreamCheck
{
    public static void Run(ProjectConfig project, FaultList faults)
    {
        foreach (var flow in project.Flows.Values)
        {
            var isFollowed = flow.Branches.Where(branch => !branch.IsLate).SelectMany(branch => branch.To).OfType<LiveSinkConfig>().Any();
            foreach (var step in flow.Steps.OfType<InferStepConfig>().Where(step => step.Streams))
            {
                if (!isFollowed)
                {
                    faults.Add(
                        step.Where, FaultCodes.MissingKey, $"The step '{step.Name}' of the flow '{flow.Name}' streams, but the flow has no sink 'sse' or 'websocket'.", "Add one, or remove stream.");
                }

                foreach (var model in project.Models.TryGetValue(step.Model, out var named) ? Versions(named, project) : [])
                {
                    if (model.Versions.Count == 0 && model.Kind is not ("openai" or "use"))
                    {
                        Conflict(step, model, $"is of kind '{model.Kind}', which tells no pieces", "Use a model of kind openai, or remove stream.", faults);
                    }
                }

                foreach (var model in Asked(step, project))
                {
                    CheckAnswers(step, model, faults);
                }
            }
        }
    }

    private static void CheckAnswers(InferStepConfig step, ModelConfig model, FaultList faults)
    {
        if (model.Answers.Hedge is not null)
        {
            Conflict(step, model, "is asked twice when it is late (hedge): two texts would come at once", "Remove hedge, or stream.", faults);
        }

        if (model.Answers.Language is not null)
        {
            Conflict(step, model, "must answer in a language, which is known when the answer is whole and may have it asked anew", "Remove language, or stream.", faults);
        }

        if (model.Answers.Schema is not null)
        {
            Conflict(step, model, "has a schema: whether a text is an answer is known at its end only", "Remove schema, or stream.", faults);
        }
    }

    private static void Conflict(InferStepConfig step, ModelConfig model, string why, string remedy, FaultList faults) =>
        faults.Add(step.Where, FaultCodes.KeyConflict, $"The step '{step.Name}' streams, but the model '{model.Name}' {why}.", remedy);

    /// <summary>The model, its versions, and whoever is asked instead. Names that are not there are told elsewhere.</summary>
    private static IEnumerable<ModelConfig> Asked(InferStepConfig step, ProjectConfig project)
    {
        var named = Find(project, step.Model, step.Overload?.Reroute, step.Fallback?.Model).SelectMany(model => Versions(model, project)).ToList();
        return named.Concat(Find(project, [.. named.Select(model => model.Answers.Fallback?.Model)])).Distinct();
    }

    private static IEnumerable<ModelConfig> Versions(ModelConfig model, ProjectConfig project) =>
        Find(project, [.. model.Versions.Select(version => version.Model)]).Prepend(model);

    private static IEnumerable<ModelConfig> Find(ProjectConfig project, params string?[] names) =>
        names.OfType<string>().Select(project.Models.GetValueOrDefault).OfType<ModelConfig>();
}
