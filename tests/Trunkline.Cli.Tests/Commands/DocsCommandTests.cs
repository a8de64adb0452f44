using System.Text.Json;
using System.Text.RegularExpressions;
using Trunkline.Testing.Nodes;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

/// <summary><c>trunkline docs</c>: files in, files out.</summary>
public sealed partial class DocsCommandTests : IDisposable
{
    private const string Project = """
        owners: { shop: { email: shop@example.com } }
        topics:
          orders: { owner: shop, subject: orders, schema: orders.json }
          large: {}
        flows:
          sort: { from: { topic: orders }, steps: [ { filter: message.total > 1 } ], to: { topic: large }, owner: shop }
        """;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Build_writes_documents_and_a_site_whose_links_all_lead_somewhere_and_none_elsewhere()
    {
        await WriteAsync(Project);
        var written = (await RunAsync(0, "build", "-o", At("site"), "--title", "Shop", "--address", "https://node.example.com", "--json")).GetProperty("files").EnumerateArray().Select(file => file.GetString()!).ToList();
        Assert.Equal(["asyncapi.json", "catalog.json", "flows/sort.html", "index.html", "openapi.json", "site.css", "topics/large.html", "topics/orders.html"], written);
        foreach (var page in written.Where(file => file.EndsWith(".html", StringComparison.Ordinal)))
        {
            var html = await File.ReadAllTextAsync(At("site", page), Cancel);
            var links = Links().Matches(html).Select(match => match.Groups[1].Value).Where(link => !link.StartsWith('#')).ToList();
            Assert.NotEmpty(links);
            Assert.All(links, link => Assert.True(File.Exists(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(At("site", page))!, link))), $"{page}: {link}"));
            Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        }

        var orders = await File.ReadAllTextAsync(At("site", "topics/orders.html"), Cancel);
        Assert.Contains("https://node.example.com/api/v1/topics/orders/messages", orders, StringComparison.Ordinal);
        Assert.Contains("shop (shop@example.com)", orders, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Built_again_nothing_stays_of_what_is_gone_and_a_folder_of_something_else_is_left_alone()
    {
        await WriteAsync(Project);
        await RunAsync(0, "build", "-o", At("site"), "--json");
        await WriteAsync("topics: { orders: { subject: orders, schema: orders.json } }");
        await RunAsync(0, "build", "-o", At("site"), "--json");
        Assert.False(File.Exists(At("site", "flows/sort.html")));
        Assert.False(File.Exists(At("site", "topics/large.html")));
        Directory.CreateDirectory(At("mine"));
        await File.WriteAllTextAsync(At("mine", "index.html"), "mine", Cancel);
        Assert.Equal("cli.usage", (await RunAsync(2, "build", "-o", At("mine"), "--json")).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("mine", await File.ReadAllTextAsync(At("mine", "index.html"), Cancel));
        Assert.Equal("cli.usage", (await RunAsync(2, "build", "--address", "node", "--json")).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_node_is_asked_for_what_runs_there()
    {
        await using var node = await InProcessNode.StartAsync(new InProcessNodeOptions(), Cancel);
        var run = await CommandRun.RunAsync(["docs", "build", "--live", "-o", At("live"), "--node", node.Http.BaseAddress!.ToString()], new CommandSetting(), Cancel);
        Assert.True(run.ExitCode == 0, run.Error);
        using var catalog = JsonDocument.Parse(await File.ReadAllTextAsync(At("live", "catalog.json"), Cancel));
        Assert.StartsWith("revision-", catalog.RootElement.GetProperty("version").GetString(), StringComparison.Ordinal);
        Assert.Equal(node.Http.BaseAddress, new Uri(catalog.RootElement.GetProperty("address").GetString()!));
    }

    [Fact]
    public async Task What_a_project_promised_is_held_by_diff_and_by_the_check_of_contracts()
    {
        await WriteAsync(Project);
        await RunAsync(0, "build", "-o", At("then"), "--json");
        await RunAsync(0, "diff", At("then"), At("then"), "--json");
        var checks = await CommandAsync(0, "contracts", "check", "--documents", At("then"));
        Assert.Contains("OpenAPI: 1 checked", checks.Output, StringComparison.Ordinal);
        await WriteAsync(Project.Replace("orders: {", "order: {", StringComparison.Ordinal).Replace("topic: orders", "topic: order", StringComparison.Ordinal));
        await RunAsync(0, "build", "-o", At("now"), "--json");
        var findings = (await RunAsync(1, "diff", At("then"), At("now"), "--sarif", At("report.sarif"), "--json")).GetProperty("findings");
        Assert.Contains("contract.operation-removed", findings[0].GetProperty("code").GetString(), StringComparison.Ordinal);
        Assert.Contains("GET /api/v1/topics/orders/messages: the path is removed", await File.ReadAllTextAsync(At("report.sarif"), Cancel), StringComparison.Ordinal);
        checks = await CommandAsync(1, "contracts", "check", "--documents", At("then"));
        Assert.Contains("receive orders: the channel is removed", checks.Output, StringComparison.Ordinal);
        Assert.Equal("contract.document-invalid", (await RunAsync(2, "diff", At("orders.json"), At("orders.json"), "--json")).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("cli.usage", (await RunAsync(2, "diff", At("then", "openapi.json"), At("then", "asyncapi.json"), "--json")).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_pull_request_that_takes_a_path_away_fails_against_the_base_and_a_payload_is_held_by_who_reads_it()
    {
        await WriteAsync(Project);
        Directory.CreateDirectory(At("base"));
        foreach (var name in new[] { "trunkline.yaml", "orders.json" })
        {
            File.Copy(At(name), At("base", name));
        }

        await File.WriteAllTextAsync(At("orders.json"), """{"type":"object","properties":{"total":{"type":"integer"}},"required":["total"]}""", Cancel);
        await CommandAsync(0, "contracts", "check", "--base", At("base"));
        await WriteAsync(Project.Replace("  large: {}\n", "  big: {}\n", StringComparison.Ordinal).Replace("topic: large", "topic: big", StringComparison.Ordinal));
        Assert.Contains("POST /api/v1/topics/large/messages: the path is removed", (await CommandAsync(1, "contracts", "check", "--base", At("base"))).Output, StringComparison.Ordinal);
    }

    private async Task WriteAsync(string project)
    {
        await File.WriteAllTextAsync(At("trunkline.yaml"), project, Cancel);
        await File.WriteAllTextAsync(At("orders.json"), """{"type":"object","properties":{"total":{"type":"integer"}}}""", Cancel);
    }

    private async Task<JsonElement> RunAsync(int exit, params string[] arguments) => JsonElement.Parse((await CommandAsync(exit, ["docs", .. arguments])).Output);

    private async Task<CommandRun> CommandAsync(int exit, params string[] arguments)
    {
        var run = await CommandRun.RunAsync(arguments, new CommandSetting { Environment = new Dictionary<string, string> { ["TRUNKLINE_CONFIG"] = At("trunkline.yaml") } }, Cancel);
        Assert.True(run.ExitCode == exit, $"{string.Join(' ', arguments)}: {run.ExitCode} {run.Output} {run.Error}");
        return run;
    }

    private string At(params string[] parts) => Path.Combine([_folder.Path, .. parts]);

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Links();
}
