using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Reports;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;
using Trunkline.Server.Catalog;
using Trunkline.Server.Configuration;
using Trunkline.Server.Readers;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline contracts readers|impact|check|approve|can-i-deploy|verify</c></summary>
internal static class ContractsCommand
{
    private static readonly Argument<string?> Topic = new("topic") { Description = "The topic. Default: all.", DefaultValueFactory = _ => null };
    private static readonly Argument<string> What = new("schema-or-subject") { Description = "The file with the schema that is to follow, or a subject to ask who reads." };
    private static readonly Option<string?> Subject = new("--subject") { Description = "The schema's subject. Default: that of the topic whose schema is this file in the project, else the file's name.", HelpName = "name" };

    private static readonly Argument<string> SchemaPath = new("schema") { Description = "The file with the schema." };
    private static readonly Option<string> Owner = new("--owner") { Description = "Who approves: an owner of the project.", Required = true, HelpName = "name" };
    private static readonly Option<string?> Reason = new("--reason") { Description = "Why, for people.", HelpName = "text" };

    private static readonly Option<string?> Base = new("--base")
    {
        Description = "An earlier state of the project, such as a checkout of the main branch: its file or folder.",
        HelpName = "path",
    };

    private static readonly Option<string?> Level = new Option<string?>("--level")
    {
        Description = "With --base: a compatibility level the schemas have to keep besides. Default: none, only what is read counts.",
        HelpName = "level",
    }.AcceptOnlyFromAmong([.. ContractsCheck.Levels]);

    private static readonly Option<bool> Registry = new("--registry") { Description = "Ask the node as well: its registered schemas, and the readers it knows." };

    private static readonly Option<int?> Replay = new("--replay")
    {
        Description = "Also run so many recorded messages of the node through each flow as the project has it now: what would fail, go missing or change its type is found. 1 to 1000000, the newest of each partition.",
        HelpName = "count",
    };

    private static readonly Option<string?> Documents = new("--documents")
    {
        Description = "A folder 'docs build' wrote before: what the project promised there, payloads included, has to hold.",
        HelpName = "folder",
    };

    private static readonly Argument<string> Application = new("application") { Description = "The application, as its pacts name it." };
    private static readonly Argument<string> ApplicationVersion = new("version") { Description = "Its version." };
    private static readonly Option<string> To = new("--to") { Description = "The environment.", HelpName = "environment", Required = true };

    public static Command Create()
    {
        var readers = new Command("readers", "Tell who reads which fields of a topic.") { Topic, SharedOptions.Node, SharedOptions.Json };
        readers.SetAction(ReadersAsync);
        var impact = new Command("impact", "Tell which readers a schema would break, with field, owner and where they run; exit code 1 if any. Nothing is stored.")
        {
            What, Subject, SharedOptions.File, SharedOptions.Node, SharedOptions.Json,
        };
        impact.SetAction(ImpactAsync);
        var check = new Command("check", "Hold the schema files of a project to those who read its topics: offline, or against a node too. Exit code 1 if something breaks.")
        {
            Base, Level, Documents, Registry, Replay, ContractReports.JUnitOption, ContractReports.SarifOption, SharedOptions.File, SharedOptions.Node, SharedOptions.Json,
        };
        check.SetAction(CheckAsync);
        var approve = new Command("approve", "Keep that an owner approves a schema that breaks readers; policies may ask for it before it is registered.")
        {
            SchemaPath, Owner, Reason, Subject, SharedOptions.File, SharedOptions.Node, SharedOptions.Json,
        };
        approve.SetAction(ApproveAsync);
        var deploy = new Command("can-i-deploy", "Tell whether a version goes with all it meets in an environment, by the pacts that were verified; exit code 1 if not.")
        {
            Application, ApplicationVersion, To, SharedOptions.Node, SharedOptions.Json,
        };
        deploy.SetAction(CanIDeployAsync);
        return new Command("contracts", "Who reads what, and what a schema would break.") { readers, impact, check, approve, deploy, PactVerifyCommand.Create() };
    }

    private static async Task<int> CanIDeployAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var asked = client.Contracts.CanIDeployAsync(parsed.GetValue(Application)!, parsed.GetValue(ApplicationVersion)!, parsed.GetValue(To)!, cancellationToken);
        var view = await Patience.WaitAsync(output, $"waiting for {client.Address}", asked);
        output.Result(view, ApiJson.Default.DeployView, text =>
        {
            text.Line(view.Summary.Deployable ? "yes" : "no:");
            foreach (var notice in view.Notices)
            {
                text.Line($"  {notice.Text}");
            }
        });
        return view.Summary.Deployable ? ExitCode.Done : ExitCode.Found;
    }

    private static async Task<int> ReadersAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Contracts.ReadersAsync(parsed.GetValue(Topic), cancellationToken));
        output.Result(list, ApiJson.Default.ReaderList, text => WriteReaders(text, list.Readers));
        return ExitCode.Done;
    }

    private static async Task<int> ImpactAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var what = parsed.GetValue(What)!;
        var isFile = File.Exists(what);
        var request = isFile
            ? new ImpactRequest(parsed.GetValue(Subject) ?? SubjectOf(parsed, what), await File.ReadAllTextAsync(what, cancellationToken), SchemasCommand.TypeOf(what))
            : new ImpactRequest(what);
        using var client = SharedOptions.Client(parsed);
        var view = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Contracts.ImpactAsync(request, cancellationToken));
        output.Result(view, ApiJson.Default.ImpactView, text => Write(text, view, isFile));
        return view.Breaks.Count(one => !one.Approved) + view.Incompatible.Count == 0 ? ExitCode.Done : ExitCode.Found;
    }

    private static async Task<int> ApproveAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var file = parsed.GetValue(SchemaPath)!;
        if (!File.Exists(file))
        {
            throw CliException.Usage($"There is no file {file}.", "Name the file with the schema.");
        }

        var request = new ApproveSchemaRequest(
            parsed.GetValue(Subject) ?? SubjectOf(parsed, file), await File.ReadAllTextAsync(file, cancellationToken), parsed.GetValue(Owner)!, parsed.GetValue(Reason));
        using var client = SharedOptions.Client(parsed);
        var change = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Contracts.ApproveAsync(request, cancellationToken));
        output.Result(change, ApiJson.Default.ChangeView, text => text.Line($"{change.To} approves {change.Target}"));
        return ExitCode.Done;
    }

    private static async Task<int> CheckAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        if (Loaded(output, SharedOptions.ProjectFile(parsed)) is not { } project)
        {
            return ExitCode.Usage;
        }

        ProjectConfig? before = null;
        if (parsed.GetValue(Base) is { } path)
        {
            before = Loaded(output, path);
            if (before is null)
            {
                return ExitCode.Usage;
            }
        }

        using var replay = parsed.GetValue(Replay) is { } count ? await ContractReplay.OpenAsync(parsed, output, count, cancellationToken) : null;
        using var client = parsed.GetValue(Registry) ? SharedOptions.Client(parsed) : null;
        var check = new ContractsCheck(project)
        {
            Base = before,
            Level = parsed.GetValue(Level),
            Impact = client is null ? null : client.Contracts.ImpactAsync,
            Replay = replay is null ? null : replay.CompareAsync,
        };
        var report = await check.RunAsync(cancellationToken);
        var file = Path.GetFileName(SharedOptions.ProjectFile(parsed));
        if (before is not null)
        {
            report = DocumentsCheck.Together(report, DocsDiff.Against(before, (project, file)));
        }

        if (parsed.GetValue(Documents) is { } folder)
        {
            report = DocumentsCheck.Together(report, await DocsDiff.AgainstAsync(folder, (project, file), cancellationToken));
        }

        await ContractReports.WriteAsync(parsed, report, cancellationToken);
        output.Result(report, CliJson.Default.ContractsReport, text => Write(text, report));
        return report.Findings.Count == 0 ? ExitCode.Done : ExitCode.Found;
    }

    private static ProjectConfig? Loaded(Output output, string path)
    {
        var load = ProjectLoading.Load(Directory.Exists(path) ? Path.Combine(path, "trunkline.yaml") : path);
        if (load.Config is null)
        {
            Failures.Say(output, ExitCode.Usage, new FailureView("config.faults", $"{path} has faults, so its contracts were not checked.", "Mend them: trunkline check", ProjectLoading.Views(load.Faults)));
        }

        return load.Config;
    }

    private static string SubjectOf(ParseResult parsed, string file)
    {
        var project = SharedOptions.ProjectFile(parsed);
        var full = Path.GetFullPath(file);
        var topic = File.Exists(project) ? ProjectLoading.Load(project).Config?.Topics.Values.FirstOrDefault(one => one.Schema == full) : null;
        return topic?.Subject ?? Path.GetFileNameWithoutExtension(file);
    }

    private static void Write(Output text, ImpactView view, bool isFile)
    {
        text.Note($"subject {view.Subject}{(view.Version is { } version ? $", version {version.ToString(CultureInfo.InvariantCulture)}" : ", nothing registered")}; topics: {(view.Topics.Count == 0 ? "none" : string.Join(", ", view.Topics))}");
        if (!isFile)
        {
            WriteReaders(text, view.Readers);
            return;
        }

        text.Table(
            ["reader", "topic", "field", "what happens", "owner", "runs as"],
            [.. view.Breaks.Select(one => (IReadOnlyList<string>)[$"{one.Reader.Kind} {one.Reader.Name}", one.Reader.Topic, one.Field, one.Approved ? one.Reason + " (approved)" : one.Reason, OwnerOf(one.Reader), RunsAs(one.Reader)])],
            $"Nothing breaks for {view.Readers.Count} {(view.Readers.Count == 1 ? "reader" : "readers")}.");
        foreach (var reason in view.Incompatible.Take(1))
        {
            text.Line($"The registry would refuse it: {reason}");
        }
    }

    private static void WriteReaders(Output text, IReadOnlyList<ReaderView> readers) => text.Table(
        ["topic", "reader", "reads", "owner", "runs as"],
        [.. readers.Select(one => (IReadOnlyList<string>)[one.Topic, $"{one.Kind} {one.Name}", Fields(one), OwnerOf(one), RunsAs(one)])],
        "Nobody is known to read it.");

    private static void Write(Output text, ContractsReport report)
    {
        foreach (var subject in report.Cases.GroupBy(one => one.Subject))
        {
            text.Line($"{subject.Key}: {subject.Count()} checked");
            foreach (var finding in report.Findings.Where(one => one.Subject == subject.Key))
            {
                text.Line($"    {finding.Code}  {finding.Message}");
            }
        }

        text.Line(report.Cases.Count == 0
            ? "Nothing was checked. No topic has a subject and a schema file: write 'schema: schemas/name.json' beside 'subject'."
            : $"{report.Findings.Count} found");
    }

    private static string Fields(ReaderView reader) => reader.Fields.Count == 0 ? "nothing" : string.Join(", ", reader.Fields.Select(field => field.Length == 0 ? "the whole message" : field));

    private static string OwnerOf(ReaderView reader) => reader.Owner is null ? "-" : reader.Contact is null ? reader.Owner : $"{reader.Owner} <{reader.Contact}>";

    private static string RunsAs(ReaderView reader) => reader.Deployments.Count == 0 ? reader.Version ?? "-" : string.Join(", ", reader.Deployments.Select(at => $"{at.Version} in {at.Environment}"));
}
