using System.CommandLine;
using System.Text.Json.Nodes;
using Trunkline.Cli.Reports;
using Trunkline.Cli.Terminal;
using Trunkline.Server.Catalog;
using Trunkline.Server.Catalog.Comparing;
using Trunkline.Server.Configuration;
using Trunkline.Server.Readers;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline docs diff OLD NEW</c>, and the part of <c>contracts check</c> that compares documents.</summary>
internal static class DocsDiff
{
    private static readonly string[] s_documents = ["openapi.json", "asyncapi.json"];

    private static readonly Argument<string> Old = new("old") { Description = "The document up to now, OpenAPI or AsyncAPI in JSON; or a folder 'docs build' wrote." };
    private static readonly Argument<string> New = new("new") { Description = "The document from now on, or such a folder." };

    public static Command Create()
    {
        var diff = new Command("diff", "Tell what breaks between two documents: operations, parameters, requests, answers, credentials, messages; exit code 1 if anything.")
        {
            Old, New, ContractReports.JUnitOption, ContractReports.SarifOption, SharedOptions.Json,
        };
        diff.SetAction(RunAsync);
        return diff;
    }

    /// <summary>What a project breaks of what documents, made before, promise. Payloads count.</summary>
    public static async Task<ContractsReport> AgainstAsync(string folder, (ProjectConfig Project, string File) now, CancellationToken cancellationToken)
    {
        var view = ProjectCatalog.Of(now.Project);
        var (openApi, asyncApi) = (await ReadAsync(Path.Combine(folder, s_documents[0]), cancellationToken), await ReadAsync(Path.Combine(folder, s_documents[1]), cancellationToken));
        return DocumentsCheck.Together(Compared(openApi, OpenApi.Of(view), now.File, true), Compared(asyncApi, AsyncApi.Of(view), now.File, true));
    }

    /// <summary>What a project breaks of what an earlier state of it promised. Payloads are held by who reads them, not here.</summary>
    public static ContractsReport Against(ProjectConfig before, (ProjectConfig Project, string File) now)
    {
        var (then, view) = (ProjectCatalog.Of(before), ProjectCatalog.Of(now.Project));
        return DocumentsCheck.Together(Compared(OpenApi.Of(then), OpenApi.Of(view), now.File, false), Compared(AsyncApi.Of(then), AsyncApi.Of(view), now.File, false));
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var (older, newer) = (parsed.GetValue(Old)!, parsed.GetValue(New)!);
        var report = new ContractsReport { Cases = [], Findings = [] };
        foreach (var (one, other) in Directory.Exists(older) ? s_documents.Select(name => (Path.Combine(older, name), Path.Combine(newer, name))) : [(older, newer)])
        {
            report = DocumentsCheck.Together(report, Compared(await ReadAsync(one, cancellationToken), await ReadAsync(other, cancellationToken), other, true));
        }

        await ContractReports.WriteAsync(parsed, report, cancellationToken);
        output.Result(report, CliJson.Default.ContractsReport, text =>
        {
            foreach (var finding in report.Findings)
            {
                text.Line($"{finding.Code}  {finding.Message}");
            }

            text.Line($"{report.Findings.Count} found");
        });
        return report.Findings.Count == 0 ? ExitCode.Done : ExitCode.Found;
    }

    private static ContractsReport Compared(JsonObject older, JsonObject newer, string file, bool payloads) =>
        DocumentsCheck.Of(older, newer, file, payloads) ?? throw CliException.Usage("One document is OpenAPI and the other AsyncAPI.", "Give two states of one document.");

    private static async Task<JsonObject> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw CliException.Usage($"There is no file {path}.", "Name a document, or a folder that 'trunkline docs build' wrote.");
        }

        var problem = "it is larger than 20 MB";
        return (new FileInfo(path).Length <= DocumentDiff.BytesMax ? DocumentDiff.Read(await File.ReadAllTextAsync(path, cancellationToken), out problem) : null)
            ?? throw new CliException(ExitCode.Usage, Core.Errors.ErrorCodes.ContractDocumentInvalid, $"{path} cannot be compared: {problem}.", "Give OpenAPI 3.0 or 3.1, or AsyncAPI 3, as JSON.");
    }
}
