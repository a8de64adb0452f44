using System.Text;
using Trunkline.Testing.Nodes;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

/// <summary><c>trunkline contracts can-i-deploy</c> against a node, seen from outside the process.</summary>
public sealed class CanIDeployTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_no_with_the_reason_and_yes_where_nothing_is_expected()
    {
        await using var node = await InProcessNode.StartAsync(new InProcessNodeOptions(), Cancel);
        const string Pact = """{"consumer":{"name":"web"},"provider":{"name":"api"},"interactions":[]}""";
        foreach (var (method, path, body) in new[] { (HttpMethod.Put, "pacts/provider/api/consumer/web/version/1", Pact), (HttpMethod.Put, "pacticipants/api/versions/7", "{}"), (HttpMethod.Post, "environments", """{"name":"prod"}""") })
        {
            using var request = new HttpRequestMessage(method, "/pact/" + path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            using var response = await node.Http.SendAsync(request, Cancel);
            response.EnsureSuccessStatusCode();
        }

        Assert.Contains("no version is there", (await RunAsync(node, 1, "web", "1", "--to", "prod")).Output, StringComparison.Ordinal);
        Assert.Contains("yes", (await RunAsync(node, 0, "api", "7", "--to", "prod")).Output, StringComparison.Ordinal);
        await RunAsync(node, 2, "api", "7");
    }

    private static async Task<CommandRun> RunAsync(InProcessNode node, int exitCode, params string[] arguments)
    {
        var setting = new CommandSetting { Environment = new Dictionary<string, string> { ["TRUNKLINE_NODE"] = node.Http.BaseAddress!.ToString() } };
        var run = await CommandRun.RunAsync(["contracts", "can-i-deploy", .. arguments], setting, Cancel);
        Assert.True(run.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {run.ExitCode} {run.Output} {run.Error}");
        return run;
    }
}
