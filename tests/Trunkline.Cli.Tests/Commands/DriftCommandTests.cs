using System.Text;
using System.Text.Json;
using Trunkline.Testing.Nodes;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

/// <summary><c>trunkline drift</c> and <c>trunkline schema infer</c> against a node.</summary>
public sealed class DriftCommandTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_came_is_told_and_a_schema_is_proposed_from_it()
    {
        await using var node = await InProcessNode.StartAsync(new InProcessNodeOptions { Topics = [new() { Name = "orders" }] }, Cancel);
        Assert.Contains("Nothing came", (await RunAsync(node, 0, "drift", "orders")).Output, StringComparison.Ordinal);
        Assert.Contains("request.not-found", (await RunAsync(node, 4, "schema", "infer", "orders", "--json")).Output, StringComparison.Ordinal);
        using var published = await node.Http.PostAsync(
            new Uri("/api/v1/topics/orders/messages", UriKind.Relative), new StringContent("""{"id":"a","total":7}""", Encoding.UTF8, "application/json"), Cancel);
        Assert.True(published.IsSuccessStatusCode);
        await ReadAsync(node);
        Assert.Contains("learning", (await RunAsync(node, 0, "drift", "orders")).Output, StringComparison.Ordinal);
        using (var schema = JsonDocument.Parse((await RunAsync(node, 0, "schema", "infer", "orders")).Output))
        {
            Assert.Equal("integer", schema.RootElement.GetProperty("properties").GetProperty("total").GetProperty("type").GetString());
        }

        Assert.Contains("int64 total = 2;", (await RunAsync(node, 0, "schema", "infer", "orders", "--format", "protobuf")).Output, StringComparison.Ordinal);
        Assert.Contains("closed 0 alarms", (await RunAsync(node, 0, "drift", "orders", "--learn")).Output, StringComparison.Ordinal);
    }

    /// <summary>Waits until the node has read along.</summary>
    private static async Task ReadAsync(InProcessNode node)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(TimeSpan.FromSeconds(30));
        while (!(await node.Http.GetStringAsync(new Uri("/api/v1/topics/orders/drift", UriKind.Relative), bound.Token)).Contains("\"messages\":1", StringComparison.Ordinal))
        {
            await Task.Yield();
        }
    }

    private static async Task<CommandRun> RunAsync(InProcessNode node, int exitCode, params string[] arguments)
    {
        var setting = new CommandSetting { Environment = new Dictionary<string, string> { ["TRUNKLINE_NODE"] = node.Http.BaseAddress!.ToString() } };
        var run = await CommandRun.RunAsync(arguments, setting, Cancel);
        Assert.True(run.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {run.ExitCode} {run.Output} {run.Error}");
        return run;
    }
}
