using System.Text.Json;
using System.Xml.Linq;
using Trunkline.Testing.Nodes;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

/// <summary><c>trunkline contracts</c> as a pull request meets it, and against a node.</summary>
public sealed class ContractsCommandTests : IDisposable
{
    private const string Schema = """
        {"type":"object","required":["id","total"],"properties":{"id":{"type":"string"},"total":{"type":"integer"}},"additionalProperties":false}
        """;

    private const string Project = """
        owners: { finance: { email: finance@example.com }, support: {} }
        topics:
          orders:
            subject: orders
            schema: schemas/orders.json
            readers: { billing: { fields: [id, total], owner: finance, version: "2.1" } }
          large: {}
        flows:
          sort: { from: { topic: orders }, steps: [ { filter: message.total > 100 } ], to: { topic: large }, owner: support }
        """;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_change_that_adds_an_optional_field_passes() =>
        await CheckAsync(0, Schema.Replace("\"total\":{", "\"note\":{\"type\":\"string\"},\"total\":{", StringComparison.Ordinal));

    [Fact]
    public async Task A_change_that_removes_a_used_field_fails_naming_consumer_field_and_owner_also_as_junit_and_sarif()
    {
        var (junit, sarif) = (At("junit.xml"), At("report.sarif"));
        var run = await CheckAsync(1, Schema.Replace(",\"total\":{\"type\":\"integer\"}", "", StringComparison.Ordinal).Replace(",\"total\"", "", StringComparison.Ordinal), "--junit", junit, "--sarif", sarif);
        Assert.Contains("group billing 2.1 reads 'total' of orders: 'total' is removed in schemas/orders.json (owner finance <finance@example.com>)", run.Output, StringComparison.Ordinal);
        Assert.Contains("flow sort reads 'total' of orders: 'total' is removed in schemas/orders.json (owner support)", run.Output, StringComparison.Ordinal);
        var failed = XDocument.Load(junit).Descendants("testcase").Where(one => one.Element("failure") is not null).Select(one => (string)one.Attribute("name")!);
        Assert.Equal(["flow sort", "group billing"], failed.Order());
        using var results = JsonDocument.Parse(await File.ReadAllTextAsync(sarif, Cancel));
        var first = results.RootElement.GetProperty("runs")[0].GetProperty("results")[0];
        Assert.Equal("contract.field-removed", first.GetProperty("ruleId").GetString());
        Assert.Equal("schemas/orders.json", first.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
    }

    [Fact]
    public async Task Without_an_earlier_state_a_field_the_schema_does_not_have_is_found_and_a_schema_that_is_none_too()
    {
        await WriteAsync("work", Schema.Replace("total", "sum", StringComparison.Ordinal));
        Assert.Contains("contract.field-not-promised", (await RunAsync(1, "check", "-f", At("work/trunkline.yaml"))).Output, StringComparison.Ordinal);
        await WriteAsync("work", "{\"type\":7}");
        Assert.Contains("contract.schema-invalid", (await RunAsync(1, "check", "-f", At("work/trunkline.yaml"))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_tells_who_reads_what_and_what_breaks_where()
    {
        await using var node = await InProcessNode.StartAsync(new InProcessNodeOptions { Topics = [new() { Name = "orders" }] }, Cancel);
        var address = node.Http.BaseAddress!.ToString();
        await node.Http.PostAsync(new Uri(node.Http.BaseAddress!, "/api/v1/changes"), Json("""{"what":"deployment","target":"ledger@production","to":"1.4.0"}"""), Cancel);
        await WriteAsync("work", Schema);
        await RunAsync(0, "apply", "-f", At("work/trunkline.yaml"), "--yes", "--node", address);
        await RunAsync(0, "check", "-f", At("work/trunkline.yaml"), "--registry", "--node", address);
        await Schemas(0, "register", "orders", At("work/schemas/orders.json"), "--node", address);
        var declared = await node.Http.PostAsync(
            new Uri(node.Http.BaseAddress!, "/api/v1/topics/orders/groups/ledger/reads"), Json("""{"fields":["id"],"owner":"finance","version":"1.4.0"}"""), Cancel);
        Assert.True(declared.IsSuccessStatusCode);
        var readers = (await RunAsync(0, "readers", "orders", "--node", address)).Output;
        Assert.Contains("group ledger", readers, StringComparison.Ordinal);
        Assert.Contains("1.4.0 in production", readers, StringComparison.Ordinal);

        await File.WriteAllTextAsync(At("work/schemas/orders.json"), Schema.Replace("\"id\":{\"type\":\"string\"}", "\"id\":{\"type\":\"integer\"}", StringComparison.Ordinal), Cancel);
        var impact = (await RunAsync(1, "impact", At("work/schemas/orders.json"), "-f", At("work/trunkline.yaml"), "--node", address)).Output;
        Assert.Contains("group ledger", impact, StringComparison.Ordinal);
        Assert.Contains("'id' was text and becomes integer", impact, StringComparison.Ordinal);
        Assert.Contains("finance <finance@example.com>", impact, StringComparison.Ordinal);
        Assert.DoesNotContain("flow sort", impact, StringComparison.Ordinal);
        Assert.Contains("The registry would refuse it", impact, StringComparison.Ordinal);
        var checkd = (await RunAsync(1, "check", "-f", At("work/trunkline.yaml"), "--registry", "--node", address)).Output;
        Assert.Contains("group ledger 1.4.0 reads 'id'", checkd, StringComparison.Ordinal);
        Assert.Contains("runs as 1.4.0 in production", checkd, StringComparison.Ordinal);
        Assert.Contains("flow sort", (await RunAsync(0, "impact", "orders", "--node", address)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_of_a_topic_whose_last_day_has_passed_is_found()
    {
        await WriteAsync("work", Schema);
        var project = Project.Replace("    subject: orders\n", "    subject: orders\n    deprecated: { sunset: 2020-02-29, use: large }\n", StringComparison.Ordinal);
        await File.WriteAllTextAsync(At("work/trunkline.yaml"), project, Cancel);
        var run = await RunAsync(1, "check", "-f", At("work/trunkline.yaml"));
        Assert.Contains("contract.sunset-passed  flow sort reads orders, whose last day was 2020-02-29; read large (owner support)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recorded_messages_that_would_fail_or_lose_a_field_are_found_and_additions_pass()
    {
        await using var node = await InProcessNode.StartAsync(new InProcessNodeOptions { Topics = [new() { Name = "orders" }] }, Cancel);
        var address = node.Http.BaseAddress!.ToString();
        await WriteAsync("work", Schema);
        await RunAsync(0, "apply", "-f", At("work/trunkline.yaml"), "--yes", "--node", address);
        foreach (var order in new[] { """{"id":"a","total":150}""", """{"id":"b","total":70}""", """{"id":"c","total":900}""" })
        {
            Assert.True((await node.Http.PostAsync(new Uri(node.Http.BaseAddress!, "/api/v1/topics/orders/messages"), Json(order), Cancel)).IsSuccessStatusCode);
        }

        Assert.Contains("flow sort: 1 checked", (await ReplayAsync(0, "({ ...message, note: 'new' })", address)).Output, StringComparison.Ordinal);
        var (junit, sarif) = (At("junit.xml"), At("report.sarif"));
        var gone = await ReplayAsync(1, "({ id: message.id })", address, "--junit", junit, "--sarif", sarif);
        Assert.Contains("contract.replay-reshaped  flow sort: 'total' is no longer sent in 2 of 3 recorded messages (owner support)", gone.Output, StringComparison.Ordinal);
        Assert.Equal("replay", (string)XDocument.Load(junit).Descendants("testcase").Single(one => one.Element("failure") is not null).Attribute("name")!);
        Assert.Contains("\"ruleId\": \"contract.replay-reshaped\"", await File.ReadAllTextAsync(sarif, Cancel), StringComparison.Ordinal);
        var failed = await ReplayAsync(1, "({ ...message, first: message.lines[0] })", address);
        Assert.Contains("contract.replay-failed  flow sort: 2 of 3 recorded messages went to large and would now end as failed (", failed.Output, StringComparison.Ordinal);
        Assert.Contains("--replay is a number from 1 to 1000000", (await RunAsync(2, "check", "-f", At("work/trunkline.yaml"), "--replay", "0", "--node", address)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_owners_approved_does_not_fail()
    {
        await using var node = await InProcessNode.StartAsync(new InProcessNodeOptions { Topics = [new() { Name = "orders" }] }, Cancel);
        var address = node.Http.BaseAddress!.ToString();
        await WriteAsync("work", Schema);
        await RunAsync(0, "apply", "-f", At("work/trunkline.yaml"), "--yes", "--node", address);
        await Schemas(0, "register", "orders", At("work/schemas/orders.json"), "--node", address);
        await File.WriteAllTextAsync(At("work/schemas/orders.json"), Schema.Replace("\"id\",\"total\"", "\"id\"", StringComparison.Ordinal), Cancel);
        await RunAsync(1, "impact", At("work/schemas/orders.json"), "-f", At("work/trunkline.yaml"), "--node", address);
        foreach (var owner in new[] { "finance", "support" })
        {
            await RunAsync(0, "approve", At("work/schemas/orders.json"), "--owner", owner, "-f", At("work/trunkline.yaml"), "--node", address);
        }

        Assert.Contains("becomes optional (approved)", (await RunAsync(0, "impact", At("work/schemas/orders.json"), "-f", At("work/trunkline.yaml"), "--node", address)).Output, StringComparison.Ordinal);
        await RunAsync(0, "check", "-f", At("work/trunkline.yaml"), "--registry", "--node", address);
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    private async Task<CommandRun> CheckAsync(int exitCode, string schema, params string[] more)
    {
        await WriteAsync("before", Schema);
        await WriteAsync("work", schema);
        return await RunAsync(exitCode, ["check", "-f", At("work/trunkline.yaml"), "--base", At("before"), .. more]);
    }

    private async Task<CommandRun> ReplayAsync(int exitCode, string map, string address, params string[] more)
    {
        var changed = Project.Replace("{ filter: message.total > 100 }", $"{{ filter: message.total > 100 }}, {{ map: \"{map}\" }}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(At("work/trunkline.yaml"), changed, Cancel);
        return await RunAsync(exitCode, ["check", "-f", At("work/trunkline.yaml"), "--replay", "10000", "--node", address, .. more]);
    }

    private async Task WriteAsync(string folder, string schema)
    {
        Directory.CreateDirectory(At(folder + "/schemas"));
        await File.WriteAllTextAsync(At(folder + "/trunkline.yaml"), Project, Cancel);
        await File.WriteAllTextAsync(At(folder + "/schemas/orders.json"), schema, Cancel);
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private static Task<CommandRun> RunAsync(int exitCode, params string[] arguments) =>
        RunAsync(arguments[0] == "apply" ? [] : ["contracts"], exitCode, arguments);

    private static Task<CommandRun> Schemas(int exitCode, params string[] arguments) => RunAsync(["schemas"], exitCode, arguments);

    private static async Task<CommandRun> RunAsync(string[] command, int exitCode, string[] arguments)
    {
        var run = await CommandRun.RunAsync([.. command, .. arguments], new CommandSetting(), Cancel);
        Assert.True(run.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {run.ExitCode} {run.Output} {run.Error}");
        return run;
    }
}
