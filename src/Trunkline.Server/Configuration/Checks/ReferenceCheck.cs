using Trunkline.Core.Config;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration.Grammar;
using Trunkline.Server.Configuration.Reading;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>Every topic, model and owner that is named must be defined.</summary>
internal static class ReferenceCheck
{
    public static void Run(ProjectConfig project, Sections sections, FaultList faults)
    {
        // Names of entries that could not be read count as defined: one mistake is one fault.
        var topics = sections.Topics.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var models = sections.Models.Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        var dead = sections.Flows.Select(f => f.Name).Concat(project.Topics.Values.Where(t => t.Contract == ContractPolicy.DeadLetter).Select(t => t.Settings.Name))
            .Select(Names.DeadTopic).ToHashSet(StringComparer.Ordinal);
        foreach (var flow in project.Flows.Values)
        {
            if (flow.From is TopicSourceConfig source && !dead.Contains(source.Topic))
            {
                Topic(source.Topic, source.Where, topics, faults);
            }

            if (flow.From is TopicSourceConfig { Version: not null } versioned && project.Topics.TryGetValue(versioned.Topic, out var read) && read.Subject is null)
            {
                faults.Add(versioned.Where, FaultCodes.KeyConflict, $"'version' is of a subject, and topic '{versioned.Topic}' names none.", "Give the topic a 'subject', or remove 'version'.");
            }

            foreach (var sink in flow.Branches.SelectMany(b => b.To).OfType<TopicSinkConfig>())
            {
                Sink(sink, topics, dead, faults);
            }

            foreach (var redact in flow.Steps.OfType<RedactStepConfig>().Where(step => step.Names is not null && !models.Contains(step.Names)))
            {
                Missing(faults, redact.Where, FaultCodes.MissingModel, "model", redact.Names!, models);
            }

            foreach (var step in flow.Steps.OfType<InferStepConfig>())
            {
                foreach (var model in new[] { step.Model, step.Overload?.Reroute, step.Fallback?.Model }.OfType<string>().Where(m => !models.Contains(m)))
                {
                    Missing(faults, step.Where, FaultCodes.MissingModel, "model", model, models);
                }
            }
        }

        foreach (var model in project.Models.Values)
        {
            Model(model, project, models, faults);
            Language(model, project, models, faults);
        }

        Owners(sections, faults);
    }

    private static void Model(ModelConfig model, ProjectConfig project, HashSet<string> models, FaultList faults)
    {
        foreach (var other in model.Versions.Select(v => v.Model).Append(model.Answers.Fallback?.Model).OfType<string>())
        {
            if (!models.Contains(other))
            {
                Missing(faults, model.Where, FaultCodes.MissingModel, "model", other, models);
            }
            else if (other == model.Name || (model.Versions.Count > 0 && project.Models.TryGetValue(other, out var version) && version.Versions.Count > 0))
            {
                faults.Add(
                    model.Where, FaultCodes.BadValue, $"The model '{model.Name}' names '{other}', which is itself or has versions of its own.", "Name a model with a kind.");
            }
        }
    }

    private static void Language(ModelConfig model, ProjectConfig project, HashSet<string> models, FaultList faults)
    {
        if (model.Answers.Language is not { } language)
        {
            return;
        }

        if (!models.Contains(language.By))
        {
            Missing(faults, model.Where, FaultCodes.MissingModel, "model", language.By, models);
        }
        else if (project.Models.TryGetValue(language.By, out var detector) && detector.Kind != "lingua")
        {
            faults.Add(model.Where, FaultCodes.BadValue, $"The model '{model.Name}' has its language told by '{language.By}', which is of kind {detector.Kind}.", "Name a model of kind lingua.");
        }
        else if (language.Code is { } code && detector is not null && !detector.Languages.Contains(code, StringComparer.OrdinalIgnoreCase))
        {
            faults.Add(
                model.Where, FaultCodes.BadValue, $"The model '{model.Name}' must answer in '{Printable.Show(code)}', which '{language.By}' does not tell.", $"Add it to the languages of '{language.By}', or write same.");
        }
    }

    private static void Sink(TopicSinkConfig sink, HashSet<string> topics, HashSet<string> dead, FaultList faults)
    {
        if (dead.Contains(sink.Topic))
        {
            faults.Add(
                sink.Where,
                FaultCodes.InternalTopic,
                $"'{sink.Topic}' takes dead letters; flows do not write to it themselves.",
                "Write to another topic.");
        }
        else
        {
            Topic(sink.Topic, sink.Where, topics, faults);
        }
    }

    private static void Topic(string topic, SourceLocation where, HashSet<string> topics, FaultList faults)
    {
        if (TopicName.IsInternal(topic))
        {
            faults.Add(where, FaultCodes.InternalTopic, $"'{Printable.Show(topic)}' is one of Trunkline's own topics.", "Use a topic of the project.");
        }
        else if (!topics.Contains(topic))
        {
            Missing(faults, where, FaultCodes.MissingTopic, "topic", topic, topics);
        }
    }

    private static void Owners(Sections sections, FaultList faults)
    {
        var known = sections.Owners.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var named = sections.Topics.Select(t => (Values: t.Value, Key: TopicGrammar.Owner))
            .Concat(sections.Models.Select(m => (Values: m.Value, Key: ModelGrammar.Owner)))
            .Concat(sections.Topics.SelectMany(t => t.Value?.Get(TopicGrammar.Readers) ?? []).Select(r => (Values: r.Value, Key: TopicGrammar.ReaderOwner)))
            .Concat(sections.Flows.Select(f => (Values: f.Value, Key: FlowGrammar.Owner)))
            .Concat((sections.Node?.Get(NodeGrammar.Auth) ?? []).Select(t => (Values: t.Value, Key: NodeGrammar.TokenOwner)));
        foreach (var (values, key) in named)
        {
            if (values?.Get(key) is { } owner && !known.Contains(owner))
            {
                Missing(faults, values.WhereOf(key), FaultCodes.MissingOwner, "owner", owner, known);
            }
        }
    }

    private static void Missing(FaultList faults, SourceLocation where, string code, string noun, string name, IReadOnlyCollection<string> known) =>
        faults.Add(
            where, code, $"There is no {noun} '{Printable.Show(name)}'.", Suggestion.Remedy(name, known, $"Define it under '{noun}s', or use one that is defined."));
}
