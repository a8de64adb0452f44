using System.Text;
using System.Text.Json;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Testing.Nodes;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

/// <summary><c>trunkline contracts verify</c> from outside the process: pacts of the node's broker held against what a topic holds and what a node answers; and a topic that comes to its end.</summary>
public sealed class PactVerifyCommandTests
{
    private const string Pact = """
        {"consumer":{"name":"desk"},"provider":{"name":"mails"},"metadata":{"pactSpecification":{"version":"4.0"}},"interactions":[
          {"type":"Asynchronous/Messages","description":"a mail","contents":{"contentType":"application/json","encoded":false,"content":{"subject":"x","size":1}},
           "matchingRules":{"body":{"$.size":{"matchers":[{"match":"integer"}]},"$.subject":{"matchers":[{"match":"type"}]}}}},
          {"type":"Synchronous/HTTP","description":"the node lives","request":{"method":"GET","path":"/health/live"},"response":{"status":200}}]}
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_topic_and_a_provider_do_is_held_to_the_pacts_of_the_node_and_published()
    {
        await using var node = await StartAsync();
        await SendAsync(node, HttpMethod.Post, "/api/v1/topics/mails/messages", """{"subject":7}""");
        await SendAsync(node, HttpMethod.Put, "/pact/pacts/provider/mails/consumer/desk/version/1", Pact);
        string[] verify = ["contracts", "verify", "mails", "--topic", "mails", "--url", node.Http.BaseAddress!.ToString()];
        var broken = (await RunAsync(node, 1, [.. verify, "--publish", "6"])).Output;
        Assert.Contains("BROKEN  a mail", broken, StringComparison.Ordinal);
        Assert.Contains("body $.subject: a value like \"x\" expected, 7 came", broken, StringComparison.Ordinal);
        Assert.Contains("pending  a mail", (await RunAsync(node, 0, [.. verify, "--pending"])).Output, StringComparison.Ordinal);
        await SendAsync(node, HttpMethod.Post, "/api/v1/topics/mails/messages", """{"subject":"Hello","size":3}""");
        var kept = JsonDocument.Parse((await RunAsync(node, 0, [.. verify, "--publish", "7", "--branch", "main", "--json"])).Output).RootElement;
        Assert.Equal([true, true], kept.GetProperty("pacts")[0].GetProperty("interactions").EnumerateArray().Select(one => one.GetProperty("success").GetBoolean()));
        foreach (var (version, success) in new[] { ("6", false), ("7", true) })
        {
            var matrix = await node.Http.GetStringAsync($"/pact/matrix?q[][pacticipant]=desk&q[][version]=1&q[][pacticipant]=mails&q[][version]={version}", Cancel);
            Assert.Equal(success, JsonDocument.Parse(matrix).RootElement.GetProperty("summary").GetProperty("deployable").GetBoolean());
        }

        await RunAsync(node, 2, "contracts", "verify", "nobody");
        await RunAsync(node, 2, "contracts", "verify", "mails", "--pact", "/none.json");
    }

    [Fact]
    public async Task Who_reads_or_writes_a_topic_that_comes_to_its_end_is_told_the_day()
    {
        await using var node = await StartAsync();
        const string Told = "old ends on 2027-03-31; use mails";
        Assert.Contains(Told, (await RunAsync(node, 0, "publish", "old", "{}")).Error, StringComparison.Ordinal);
        Assert.Contains(Told, (await RunAsync(node, 0, "read", "old")).Error, StringComparison.Ordinal);
        Assert.Contains(Told, (await RunAsync(node, 0, "tail", "old", "--from-beginning", "--count", "1")).Error, StringComparison.Ordinal);
        Assert.Contains("ends 2027-03-31", (await RunAsync(node, 0, "topics")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ends on", (await RunAsync(node, 0, "publish", "mails", "{}")).Error, StringComparison.Ordinal);
    }

    private static async Task<InProcessNode> StartAsync() => await InProcessNode.StartAsync(
        new InProcessNodeOptions
        {
            Project = new ProjectConfig
            {
                Topics = new Dictionary<string, TopicConfig>
                {
                    ["mails"] = new() { Settings = new TopicSettings { Name = "mails" } },
                    ["old"] = new() { Settings = new TopicSettings { Name = "old" }, Deprecated = new DeprecationConfig(new DateOnly(2027, 3, 31), "mails") },
                },
            },
        },
        Cancel);

    private static async Task SendAsync(InProcessNode node, HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await node.Http.SendAsync(request, Cancel);
        response.EnsureSuccessStatusCode();
    }

    private static async Task<CommandRun> RunAsync(InProcessNode node, int exitCode, params string[] arguments)
    {
        var setting = new CommandSetting { Environment = new Dictionary<string, string> { ["TRUNKLINE_NODE"] = node.Http.BaseAddress!.ToString() } };
        var run = await CommandRun.RunAsync(arguments, setting, Cancel);
        Assert.True(run.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {run.ExitCode} {run.Output} {run.Error}");
        return run;
    }
}
