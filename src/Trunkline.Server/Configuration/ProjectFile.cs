using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Checks;
using Trunkline.Server.Configuration.Grammar;
using Trunkline.Server.Configuration.Reading;

namespace Trunkline.Server.Configuration;

/// <summary>Reads project files. Whatever a file holds, the answer is a project or a list of faults, never an exception.</summary>
public static class ProjectFile
{
    /// <summary>Loads and checks a project as a whole.</summary>
    public static ProjectLoad Load(ProjectSource source)
    {
        var faults = new FaultList();
        var loader = new IncludeLoader(source.Files, faults, new YamlBounds());
        var files = loader.Load(source.Roots);
        var reading = new GrammarReading(faults, new Interpolation(source.Variables, source.ReadSecretFile), source.ExpressionCheck);
        var sections = Sections.Read(files, reading);
        var project = Build(sections, new ProjectScope(faults, source.BaseDirectory));
        if (loader.Complete)
        {
            ReferenceCheck.Run(project, sections, faults);
            AlertReader.Check(sections, faults);
            PromiseReader.Check(project, sections, faults);
        }

        GroupCheck.Run(project, faults);
        LiveCheck.Run(project, faults);
        StreamCheck.Run(project, faults);
        CycleCheck.Run(project, faults);
        StateCheck.Run(project, faults);
        AddressCheck.Run(project, sections, faults);
        SloCheck.Run(project, faults);
        PolicyCheck.Run(project, faults);
        CheckModelFiles(project, sections, source, faults);
        return new ProjectLoad(faults.Count == 0 ? project : null, faults.Ordered(), files.ToDictionary(f => f.Path, f => f.Text));
    }

    private static ProjectConfig Build(Sections sections, ProjectScope scope)
    {
        var topics = sections.Topics.Select(t => TopicReader.Read(t, t.Value ?? ObjectValues.None(t.Where), scope));
        var models = sections.Models.Where(m => m.Value is not null).Select(m => ModelReader.Read(m, m.Value!, scope));
        var flows = sections.Flows.Where(f => f.Value is not null).Select(f => FlowReader.Read(f, f.Value!, scope));
        return new ProjectConfig
        {
            Node = NodeReader.Read(sections.Node, scope),
            Owners = sections.Owners.ToDictionary(o => o.Name, o => AlertReader.Owner(o.Value), StringComparer.Ordinal),
            Alerts = AlertReader.Read(sections.Alerts, scope),
            Topics = topics.ToDictionary(t => t.Settings.Name, StringComparer.Ordinal),
            Models = models.ToDictionary(m => m.Name, StringComparer.Ordinal),
            Flows = OpenSloReader.Add(flows.OfType<FlowConfig>().ToDictionary(f => f.Name, StringComparer.Ordinal), sections.Slos, scope.Faults),
            Promises = PromiseReader.Read(sections),
            Policies = PoliciesOf(sections.Policies),
            BaseDirectory = scope.BaseDirectory,
        };
    }

    private static PolicyConfig PoliciesOf(ObjectValues? values) => values is null ? new PolicyConfig() : new PolicyConfig
    {
        Owner = values.Get(PolicyGrammar.Owner, false),
        Subject = values.Get(PolicyGrammar.Subject, false),
        Slo = values.Get(PolicyGrammar.Slo, false),
        Breaking = values.Get(PolicyGrammar.Breaking, false),
        TopicNames = values.Get(PolicyGrammar.TopicNames),
        FlowNames = values.Get(PolicyGrammar.FlowNames),
        Except = (values.Get(PolicyGrammar.Except) ?? []).Select(name => name.Value).ToHashSet(StringComparer.Ordinal),
    };

    private static void CheckModelFiles(ProjectConfig project, Sections sections, ProjectSource source, FaultList faults)
    {
        if (source.FileExists is not { } exists)
        {
            return;
        }

        foreach (var named in sections.Models)
        {
            if (named.Value is not { } values)
            {
                continue;
            }

            var model = project.Models[named.Name];
            foreach (var (key, full) in new[] { (ModelGrammar.Path, model.Path), (ModelGrammar.Tokenizer, model.Tokenizer), (ModelGrammar.Tools, model.Tools), (ModelAnswerGrammar.Schema, model.Answers.Schema) })
            {
                if (full is not null && !exists(full))
                {
                    faults.Add(
                        values.WhereOf(key),
                        FaultCodes.MissingFile,
                        $"The file '{Printable.Show(values.Get(key)!, 200)}' of the model '{named.Name}' does not exist.",
                        "Correct the path, or put the file there.");
                }
            }
        }
    }
}
