using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Server.Configuration;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Readers;

/// <summary>
/// Holds the schema files of a project to those who read the topics: flows of the project, consumers its topics list, and, if asked, to an earlier
/// state of the project and to a node. Reads files; changes nothing.
/// </summary>
/// <param name="project">The project.</param>
public sealed class ContractsCheck(ProjectConfig project)
{
    private const string SchemaCase = "schema";

    private readonly List<ContractCase> _cases = [];
    private readonly List<ContractFinding> _findings = [];
    private readonly List<ContractFinding> _replayed = [];

    /// <summary>An earlier state of the project, such as the main branch; null for none. What it promised is compared.</summary>
    public ProjectConfig? Base { get; init; }

    /// <summary>The compatibility level a schema has to keep towards the base's; null for none: then only readers count.</summary>
    public string? Level { get; init; }

    /// <summary>The levels there are.</summary>
    public static IReadOnlyList<string> Levels => [.. RegistrySettings.Levels.Where(level => !level.EndsWith("_TRANSITIVE", StringComparison.Ordinal))];

    /// <summary>The clock, for last days.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Asks a node what a schema would do to the readers it knows; null asks none.</summary>
    public Func<ImpactRequest, CancellationToken, Task<ImpactView>>? Impact { get; init; }

    /// <summary>Runs a node's recorded messages through a flow of the project as it is now; null of a flow the node does not run. Null replays nothing.</summary>
    public Func<string, CancellationToken, Task<ComparisonView?>>? Replay { get; init; }

    /// <summary>Runs all checks.</summary>
    public async Task<ContractsReport> RunAsync(CancellationToken cancellationToken)
    {
        var readers = ProjectReaders.Of(project).ToLookup(reader => reader.Topic);
        foreach (var topic in project.Topics.Values.Where(topic => topic is { Subject: not null, Schema: not null }).OrderBy(topic => topic.Settings.Name, StringComparer.Ordinal))
        {
            await CheckAsync(topic, [.. readers[topic.Settings.Name]], cancellationToken);
        }

        Sunsets(readers);
        await ReplayAsync(cancellationToken);
        return new ContractsReport { Cases = [.. _cases.Distinct()], Findings = [.. _findings.DistinctBy(one => (one.Subject, one.Reader, one.Kind, one.Field, one.Code)), .. _replayed] };
    }

    /// <summary>Who still reads a topic whose last day has passed.</summary>
    private void Sunsets(ILookup<string, Reader> readers)
    {
        var today = DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime);
        foreach (var topic in project.Topics.Values.Where(topic => topic.Deprecated is { } end && end.Sunset < today))
        {
            foreach (var reader in readers[topic.Settings.Name])
            {
                var kind = reader.Kind == ReaderKind.Flow ? "flow" : "group";
                var subject = topic.Subject ?? topic.Settings.Name;
                _cases.Add(new ContractCase(subject, CaseOf(kind, reader.Name)));
                _findings.Add(new ContractFinding
                {
                    Code = ErrorCodes.ContractSunsetPassed,
                    Subject = subject,
                    Case = CaseOf(kind, reader.Name),
                    Topic = topic.Settings.Name,
                    File = topic.Where.File,
                    Reader = reader.Name,
                    Kind = kind,
                    Owner = reader.Owner,
                    Message = $"{kind} {reader.Name} reads {topic.Settings.Name}, whose last day was {topic.Deprecated!.Sunset:yyyy-MM-dd}{(topic.Deprecated.Use is { } use ? $"; read {use}" : "")} ({(reader.Owner is null ? "nobody is named as owner" : "owner " + reader.Owner)})",
                });
            }
        }
    }

    private async Task ReplayAsync(CancellationToken cancellationToken)
    {
        if (Replay is null)
        {
            return;
        }

        foreach (var flow in project.Flows.Values.Where(flow => flow.From is TopicSourceConfig).OrderBy(flow => flow.Name, StringComparer.Ordinal))
        {
            if (await Replay(flow.Name, cancellationToken) is not { } view)
            {
                continue;
            }

            var one = ReplayFindings.CaseOf(flow);
            _cases.Add(one);
            _replayed.AddRange(ReplayFindings.Of(
                flow, new ContractFinding { Code = "", Message = "", Subject = one.Subject, Case = one.Name, File = flow.Where.File, Kind = "flow", Owner = flow.Owner }, view));
        }
    }

    private async Task CheckAsync(TopicConfig topic, IReadOnlyList<Reader> readers, CancellationToken cancellationToken)
    {
        var about = new ContractFinding { Code = "", Message = "", Case = SchemaCase, Subject = topic.Subject!, File = Relative(topic.Schema!), Topic = topic.Settings.Name };
        _cases.Add(new ContractCase(about.Subject, SchemaCase));
        if (SchemaFile.Read(topic.Schema!, out var faults) is not { } content)
        {
            _findings.AddRange(faults.Select(fault => about with { Code = ErrorCodes.SchemaInvalid, Message = $"{about.File}: {(fault.At.Length == 0 ? "" : fault.At + ": ")}{fault.Message}" }));
            return;
        }

        var then = BaseSchema(topic);
        if (then is not null && Level is not null && Incompatible(about.Subject, content, then) is { Count: > 0 } reasons)
        {
            _findings.Add(about with { Code = ErrorCodes.ContractIncompatible, Message = $"{about.File} cannot follow the schema of subject '{about.Subject}' before it: {reasons[0]}" });
        }

        if (SchemaFields.Of(content, []) is { } after)
        {
            _cases.AddRange(readers.Select(reader => new ContractCase(about.Subject, CaseOf(reader.Kind == ReaderKind.Flow ? "flow" : "group", reader.Name))));
            var before = then is null ? null : SchemaFields.Of(then, []);
            _findings.AddRange(Readers.Impact.Of(before, after, readers).Select(one => Finding(about, one)));
        }

        if (Impact is not null)
        {
            await AskAsync(about, content, cancellationToken);
        }
    }

    private async Task AskAsync(ContractFinding about, SchemaContent content, CancellationToken cancellationToken)
    {
        var view = await Impact!(new ImpactRequest(about.Subject, content.Text, content.Type), cancellationToken);
        if (view.Incompatible.Count > 0)
        {
            _findings.Add(about with
            {
                Code = ErrorCodes.ContractIncompatible,
                Message = $"{about.File} cannot follow version {view.Version} of subject '{about.Subject}' in the registry: {view.Incompatible[0]}",
            });
        }

        _cases.AddRange(view.Readers.Select(reader => new ContractCase(about.Subject, CaseOf(reader.Kind, reader.Name))));
        _findings.AddRange(view.Breaks.Where(one => !one.Approved).Select(one => Finding(about, one)));
        foreach (var approved in view.Breaks.Where(one => one.Approved))
        {
            // The project alone does not know of approvals.
            _findings.RemoveAll(one => one.Reader == approved.Reader.Name && one.Kind == approved.Reader.Kind && one.Field == approved.Field);
        }
    }

    private SchemaContent? BaseSchema(TopicConfig topic)
    {
        var then = Base?.Topics.Values.FirstOrDefault(one => one.Subject == topic.Subject && one.Schema is not null);
        return then is null ? null : SchemaFile.Read(then.Schema!, out _);
    }

    private IReadOnlyList<string> Incompatible(string subject, SchemaContent content, SchemaContent then)
    {
        var before = new SchemaVersion { Subject = subject, Version = 1, Id = 1, Content = then };
        return SchemaCompatibility.Check(Level!, new RegistryView(), SubjectName.Parse(subject), content, [before]);
    }

    private ContractFinding Finding(ContractFinding about, ReaderBreak one)
    {
        var owner = one.Reader.Owner is { } name ? project.Owners.GetValueOrDefault(name) : null;
        return Finding(about, new BreakView(
            new ReaderView
            {
                Topic = one.Reader.Topic,
                Kind = one.Reader.Kind == ReaderKind.Flow ? "flow" : "group",
                Name = one.Reader.Name,
                Fields = one.Reader.Fields,
                Origin = "project",
                Version = one.Reader.Version,
                Owner = one.Reader.Owner,
                Contact = owner?.Email ?? owner?.Chat,
            },
            one.Field,
            ReaderCatalog.Word(one.Kind),
            one.Reason));
    }

    private static ContractFinding Finding(ContractFinding about, BreakView one)
    {
        var reader = one.Reader;
        var runs = reader.Deployments.Count == 0 ? null : string.Join(", ", reader.Deployments.Select(at => $"{at.Version} in {at.Environment}"));
        var owner = reader.Owner is null ? "nobody is named as owner" : $"owner {reader.Owner}{(reader.Contact is null ? "" : $" <{reader.Contact}>")}";
        var version = reader.Version is null ? "" : " " + reader.Version;
        return about with
        {
            Code = CodeOf(one.How),
            Case = CaseOf(reader.Kind, reader.Name),
            Topic = reader.Topic,
            Reader = reader.Name,
            Kind = reader.Kind,
            Field = one.Field,
            Owner = reader.Owner,
            Contact = reader.Contact,
            Runs = runs,
            Message = $"{reader.Kind} {reader.Name}{version} reads '{one.Field}' of {reader.Topic}: {one.Reason} in {about.File} ({owner}{(runs is null ? "" : $"; runs as {runs}")})",
        };
    }

    private static string CodeOf(string how) => how switch
    {
        "removed" => ErrorCodes.ContractFieldRemoved,
        "retyped" => ErrorCodes.ContractFieldRetyped,
        "may-be-missing" => ErrorCodes.ContractFieldMayBeMissing,
        _ => ErrorCodes.ContractFieldNotPromised,
    };

    private static string CaseOf(string kind, string name) => $"{kind} {name}";

    private string Relative(string path) => Path.GetRelativePath(project.BaseDirectory, path).Replace('\\', '/');
}
