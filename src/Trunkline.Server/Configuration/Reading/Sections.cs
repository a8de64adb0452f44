using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>The sections of all files of a project, put together. A name defined twice is a fault; the first one counts.</summary>
internal sealed class Sections
{
    private Sections()
    {
    }

    public ObjectValues? Node { get; private set; }

    public ObjectValues? Policies { get; private set; }

    public ObjectValues? Alerts { get; private set; }

    public List<Named<ObjectValues>> Owners { get; } = [];

    public List<Named<ObjectValues>> Topics { get; } = [];

    public List<Named<ObjectValues>> Models { get; } = [];

    public List<Named<ObjectValues>> Flows { get; } = [];

    public List<Named<ObjectValues>> Promises { get; } = [];

    /// <summary>SLOs of OpenSLO files.</summary>
    public List<ObjectValues> Slos { get; } = [];

    /// <summary>Reads every file by the grammar.</summary>
    public static Sections Read(IEnumerable<ConfigFile> files, GrammarReading reading)
    {
        var sections = new Sections();
        foreach (var file in files)
        {
            if (OpenSloGrammar.Is(file.Document.Root))
            {
                if (OpenSloGrammar.Type.TryRead(file.Document.Root!, "", reading, out var slo))
                {
                    sections.Slos.Add(slo);
                }
            }
            else if (file.Document.Root is { } root && ProjectGrammar.Type.TryRead(root, "", reading, out var project))
            {
                sections.Add(project, reading.Faults);
            }
        }

        return sections;
    }

    private void Add(ObjectValues project, FaultList faults)
    {
        if (project.Get(ProjectGrammar.Node) is { } node)
        {
            if (Node is not null)
            {
                Duplicate(faults, project.WhereOf(ProjectGrammar.Node), "The section 'node'", Node.Where);
            }

            Node ??= node;
        }

        if (project.Get(ProjectGrammar.Policies) is { } policies)
        {
            if (Policies is not null)
            {
                Duplicate(faults, project.WhereOf(ProjectGrammar.Policies), "The section 'policies'", Policies.Where);
            }

            Policies ??= policies;
        }

        if (project.Get(AlertGrammar.Alerts) is { } alerts)
        {
            if (Alerts is not null)
            {
                Duplicate(faults, project.WhereOf(AlertGrammar.Alerts), "The section 'alerts'", Alerts.Where);
            }

            Alerts ??= alerts;
        }

        Merge(Owners, project.Get(ProjectGrammar.Owners), "owner", faults);
        Merge(Topics, project.Get(ProjectGrammar.Topics), "topic", faults);
        Merge(Models, project.Get(ProjectGrammar.Models), "model", faults);
        Merge(Flows, project.Get(ProjectGrammar.Flows), "flow", faults);
        Merge(Promises, project.Get(PromiseGrammar.Promises), "promise", faults);
    }

    private static void Merge(List<Named<ObjectValues>> all, IReadOnlyList<Named<ObjectValues>>? more, string noun, FaultList faults)
    {
        foreach (var item in more ?? [])
        {
            if (all.Find(a => a.Name == item.Name) is { } first)
            {
                Duplicate(faults, item.Where, $"The {noun} '{Printable.Show(item.Name)}'", first.Where);
            }
            else
            {
                all.Add(item);
            }
        }
    }

    private static void Duplicate(FaultList faults, SourceLocation where, string what, SourceLocation first) =>
        faults.Add(where, FaultCodes.DuplicateName, $"{what} is written twice; first in {first}.", "Remove one of them or give it another name.");
}
