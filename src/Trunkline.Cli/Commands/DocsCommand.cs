using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Site;
using Trunkline.Server.Catalog;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline docs build|diff</c></summary>
internal static class DocsCommand
{
    /// <summary>The catalog itself; a folder with it was made by this command.</summary>
    private const string Marker = "catalog.json";

    private static readonly string[] s_parts = ["topics", "flows"];

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };

    private static readonly Option<string> Into = new("--output", "-o") { Description = "The folder to write to; a site made before is replaced.", HelpName = "folder", DefaultValueFactory = _ => "docs-site" };
    private static readonly Option<string?> Title = new("--title") { Description = "What the documents are called. Default: the name of the project's folder.", HelpName = "text" };
    private static readonly Option<string?> Address = new("--address") { Description = "The address others reach the node at. Default: where it listens.", HelpName = "url" };
    private static readonly Option<bool> Live = new("--live") { Description = "Ask the node: what runs there, registered schemas, readers it knows, masked messages as examples." };

    public static Command Create()
    {
        var build = new Command("build", "Write AsyncAPI, OpenAPI and a site that shows both, from the project's files or from what runs on a node.")
        {
            Into, Title, Address, Live, SharedOptions.File, SharedOptions.Node, SharedOptions.Json,
        };
        build.SetAction(BuildAsync);
        return new Command("docs", "Documents made from what runs, and what changes in them.") { build, DocsDiff.Create() };
    }

    private static async Task<int> BuildAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var address = AddressOf(parsed.GetValue(Address));
        CatalogView view;
        if (parsed.GetValue(Live))
        {
            using var client = SharedOptions.Client(parsed);
            view = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Contracts.CatalogAsync(cancellationToken));
            view = view with { Title = parsed.GetValue(Title) ?? view.Title, Address = address ?? view.Address };
        }
        else if (ProjectLoading.Load(SharedOptions.ProjectFile(parsed)) is var load && load.Config is { } project)
        {
            view = ProjectCatalog.Of(project, parsed.GetValue(Title), address);
        }
        else
        {
            Failures.Say(output, ExitCode.Usage, new FailureView("config.faults", "The project has faults, so no documents were made.", "Mend them: trunkline check", ProjectLoading.Views(load.Faults)));
            return ExitCode.Usage;
        }

        var folder = Path.GetFullPath(parsed.GetValue(Into)!);
        var files = await WriteAsync(folder, view, cancellationToken);
        output.Result(new DocsDocument(folder, files), CliJson.Default.DocsDocument, text =>
            text.Line($"{view.Topics.Count} topics, {view.Flows.Count} flows, {view.Schemas.Count} schemas: {Path.Combine(folder, "index.html")}"));
        return ExitCode.Done;
    }

    private static async Task<IReadOnlyList<string>> WriteAsync(string folder, CatalogView view, CancellationToken cancellationToken)
    {
        Clear(folder);
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Marker] = JsonSerializer.Serialize(view, ApiJson.Default.CatalogView),
            ["asyncapi.json"] = Text(AsyncApi.Of(view)),
            ["openapi.json"] = Text(OpenApi.Of(view)),
        };
        foreach (var (path, text) in await CatalogSite.RenderAsync(view))
        {
            files[path] = text;
        }

        foreach (var (path, text) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text, cancellationToken);
        }

        return [.. files.Keys];
    }

    /// <summary>Takes away the pages of a site made before, so that none stays of what is gone. A folder of something else is left alone.</summary>
    private static void Clear(string folder)
    {
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            return;
        }

        if (!File.Exists(Path.Combine(folder, Marker)))
        {
            throw CliException.Usage($"{folder} holds something else.", "Name an empty folder, or one this command made, with --output.");
        }

        foreach (var part in s_parts.Select(name => Path.Combine(folder, name)).Where(Directory.Exists))
        {
            foreach (var page in Directory.EnumerateFiles(part, "*.html"))
            {
                File.Delete(page);
            }
        }
    }

    private static string Text(JsonObject document) => document.ToJsonString(s_indented) + "\n";

    private static Uri? AddressOf(string? text) => text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0 ? address
        : throw CliException.Usage($"'{text}' is not the address of a node.", $"Give one such as {SharedOptions.NodeDefault}.");
}

/// <summary>What was written.</summary>
/// <param name="Folder">Where.</param>
/// <param name="Files">The files, relative to it.</param>
internal sealed record DocsDocument(string Folder, IReadOnlyList<string> Files);
