using System.Text.Json;
using Trunkline.Testing.Nodes;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

/// <summary><c>trunkline schemas</c> against a node, seen from outside the process.</summary>
public sealed class SchemasCommandTests
{
    private const string One = """{"type":"record","name":"Mail","fields":[{"name":"id","type":"string"}]}""";
    private const string Optional = """{"type":"record","name":"Mail","fields":[{"name":"text","type":"string","default":""},{"name":"id","type":"string"}]}""";
    private const string Broken = """{"type":"record","name":"Mail","fields":[{"name":"id","type":"int"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_schema_goes_its_way_from_check_to_delete()
    {
        await using var node = await InProcessNode.StartAsync(new InProcessNodeOptions(), Cancel);
        using var folder = new TemporaryFolder();
        foreach (var (name, text) in new[] { ("one.avsc", One), ("optional.avsc", Optional), ("broken.avsc", Broken), ("faulty.avsc", "{") })
        {
            await File.WriteAllTextAsync(Path.Combine(folder.Path, name), text, Cancel);
        }

        Assert.Contains("No schemas yet", (await RunAsync(node, 0, "list")).Output, StringComparison.Ordinal);
        Assert.Equal("mail version 1, id 1", (await RunAsync(node, 0, "register", "mail", At("one.avsc"))).Output.Trim());
        Assert.Contains("compatible", (await RunAsync(node, 0, "check", "mail", At("optional.avsc"))).Output, StringComparison.Ordinal);
        Assert.Contains("TYPE_MISMATCH", (await RunAsync(node, 1, "check", "mail", At("broken.avsc"))).Output, StringComparison.Ordinal);
        Assert.Contains("incompatible", (await RunAsync(node, 4, "register", "mail", At("broken.avsc"))).Error, StringComparison.Ordinal);
        Assert.Contains("not JSON", (await RunAsync(node, 4, "register", "mail", At("faulty.avsc"))).Error, StringComparison.Ordinal);
        await RunAsync(node, 0, "register", "mail", At("optional.avsc"));
        Assert.Equal("""+ /fields/text: {"name":"text","type":"string","default":""}""", (await RunAsync(node, 0, "diff", "mail")).Output.Trim());
        using (var shown = JsonDocument.Parse((await RunAsync(node, 0, "show", "mail", "--version", "1", "--json")).Output))
        {
            Assert.Equal(One, shown.RootElement.GetProperty("schema").GetString());
        }

        Assert.Contains("deleted mail version 1, 2", (await RunAsync(node, 0, "delete", "mail")).Output, StringComparison.Ordinal);
        var gone = await RunAsync(node, 4, "show", "mail", "--json");
        Assert.Contains("registry.40401", gone.Output, StringComparison.Ordinal);
        await RunAsync(node, 0, "delete", "mail", "--permanent");

        string At(string name) => Path.Combine(folder.Path, name);
    }

    [Fact]
    public async Task A_proto_file_is_registered_shown_and_compared_by_statements()
    {
        await using var node = await InProcessNode.StartAsync(new InProcessNodeOptions(), Cancel);
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "mail.proto");
        await File.WriteAllTextAsync(file, "syntax = \"proto3\"; message Mail { string id = 1; oneof body { string text = 2; } }", Cancel);
        await RunAsync(node, 0, "register", "mail", file);
        Assert.Contains("message Mail {", (await RunAsync(node, 0, "show", "mail")).Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "syntax = \"proto3\"; message Mail { bytes id = 1; oneof body { string text = 2; int32 n = 3 [deprecated = true, json_name = \"x\"]; } }", Cancel);
        await RunAsync(node, 0, "register", "mail", file);
        var told = (await RunAsync(node, 0, "diff", "mail")).Output;
        Assert.Contains("~ /Mail/id: string id = 1 -> bytes id = 1", told, StringComparison.Ordinal);
        Assert.Contains("+ /Mail/body/n: int32 n = 3 [", told, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "syntax = \"proto3\"; message Mail { fixed32 id = 1; }", Cancel);
        Assert.Contains("FIELD_SCALAR_KIND_CHANGED", (await RunAsync(node, 1, "check", "mail", file)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_are_compared_with_the_one_that_is_there_before_them_also_when_the_format_changed()
    {
        await using var node = await InProcessNode.StartAsync(new InProcessNodeOptions(), Cancel);
        using var folder = new TemporaryFolder();
        using var client = new Trunkline.Client.TrunklineClient(node.Http.BaseAddress!);
        foreach (var (name, text) in new[] { ("one.avsc", One), ("optional.avsc", Optional), ("mail.json", """{"type":"object"}""") })
        {
            await File.WriteAllTextAsync(Path.Combine(folder.Path, name), text, Cancel);
        }

        using var level = await node.Http.PutAsync("/registry/config", new StringContent("""{"compatibility":"NONE"}""", System.Text.Encoding.UTF8, "application/json"), Cancel);
        Assert.True(level.IsSuccessStatusCode);
        foreach (var name in new[] { "one.avsc", "optional.avsc", "mail.json" })
        {
            await RunAsync(node, 0, "register", "mail", Path.Combine(folder.Path, name));
        }

        Assert.Equal("~ /: AVRO -> JSON", (await RunAsync(node, 0, "diff", "mail")).Output.Trim());
        await client.Schemas.DeleteVersionAsync("mail", 2, permanent: false, Cancel);
        Assert.Equal("~ /: AVRO -> JSON", (await RunAsync(node, 0, "diff", "mail")).Output.Trim());
        Assert.Contains("none before it", (await RunAsync(node, 2, "diff", "mail", "--version", "1")).Error, StringComparison.Ordinal);
        Assert.Contains("registry.40402", (await RunAsync(node, 4, "diff", "mail", "--from", "9", "--json")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("register", "s", "mail.txt")]
    [InlineData("register", "s", "mail.avsc", "--ref", "x")]
    [InlineData("register", "s", "mail.avsc", "--type", "XML")]
    public async Task What_is_not_understood_is_told_before_anything_is_sent(params string[] arguments)
    {
        var run = await CommandRun.RunAsync(["schemas", .. arguments], new CommandSetting(), Cancel);
        Assert.Equal(2, run.ExitCode);
    }

    private static async Task<CommandRun> RunAsync(InProcessNode node, int exitCode, params string[] arguments)
    {
        var setting = new CommandSetting { Environment = new Dictionary<string, string> { ["TRUNKLINE_NODE"] = node.Http.BaseAddress!.ToString() } };
        var run = await CommandRun.RunAsync(["schemas", .. arguments], setting, Cancel);
        Assert.True(run.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {run.ExitCode} {run.Output} {run.Error}");
        return run;
    }
}
