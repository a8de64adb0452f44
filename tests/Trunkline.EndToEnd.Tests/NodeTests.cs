using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>The executable from outside: a node in a process of its own, and commands that talk to it.</summary>
public sealed class NodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CommandSetting Here => new() { Folder = _folder.Path };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_project_runs_takes_messages_and_stops_when_asked()
    {
        await RunAsync("init");
        await using var node = await NodeProcess.StartAsync(Here, Cancel);
        var published = await RunAsync(At(node), "publish", "notes.received", """{"text":"hello"}""", "--key", "k1", "--json");
        using var answer = JsonDocument.Parse(published.Output);
        Assert.Equal(0, answer.RootElement.GetProperty("messages")[0].GetProperty("offset").GetInt64());

        var read = await RunAsync(At(node), "read", "notes.received", "--json");
        using var page = JsonDocument.Parse(read.Output);
        var message = Assert.Single(page.RootElement.GetProperty("messages").EnumerateArray());
        Assert.Equal("hello", message.GetProperty("data").GetProperty("text").GetString());
        Assert.Equal("k1", message.GetProperty("partitionkey").GetString());

        var stopped = await node.StopAsync(Cancel);
        Assert.Equal(0, stopped.ExitCode);
        Assert.Single(stopped.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Commands_show_the_same_as_text()
    {
        await RunAsync("init");
        await using var node = await NodeProcess.StartAsync(Here, Cancel);
        await RunAsync(At(node), "publish", "notes.received", "{\"text\":\"\\u001b[31mred\u202e\"}");
        var read = await RunAsync(At(node), "read", "notes.received");
        Assert.DoesNotContain('\u001b', read.Output);
        Assert.DoesNotContain('\u202e', read.Output);
        var topics = await RunAsync(At(node), "topics");
        Assert.Contains("notes.received", topics.Output, StringComparison.Ordinal);
        Assert.Contains("sync", topics.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tail_gives_one_document_a_line()
    {
        await RunAsync("init");
        await using var node = await NodeProcess.StartAsync(Here, Cancel);
        await RunAsync(At(node) with { Input = "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n" }, "publish", "notes.received", "--lines", "--key", "one");
        var tail = await RunAsync(At(node), "tail", "notes.received", "--from-beginning", "--count", "3", "--json");
        var numbers = tail.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty("data").GetProperty("n").GetInt32();
        });
        Assert.Equal([1, 2, 3], numbers);
    }

    [Fact]
    public async Task A_refusal_names_its_code_and_ends_with_four()
    {
        await RunAsync("init");
        await using var node = await NodeProcess.StartAsync(Here, Cancel);
        var run = await CommandRun.RunAsync(["publish", "no.such.topic", "{}", "--json"], At(node), Cancel);
        Assert.Equal(4, run.ExitCode);
        using var document = JsonDocument.Parse(run.Output);
        Assert.Equal("topic.not-found", document.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_dashboard_is_served_with_its_style_and_may_run_nothing_foreign()
    {
        await RunAsync("init");
        await using var node = await NodeProcess.StartAsync(Here, Cancel);
        using var http = new HttpClient { BaseAddress = node.Url };
        using var page = await http.GetAsync("/", Cancel);
        var html = await page.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("notes.received", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("style=\"", html, StringComparison.Ordinal);
        foreach (var asset in html.Split('"').Where(part => part.StartsWith("/assets/", StringComparison.Ordinal)))
        {
            using var answer = await http.GetAsync(asset, Cancel);
            Assert.True(answer.IsSuccessStatusCode, asset);
        }
    }

    private static CommandSetting At(NodeProcess node) => new() { Environment = new Dictionary<string, string> { ["TRUNKLINE_NODE"] = node.Url.ToString() } };

    private Task<CommandRun> RunAsync(params string[] arguments) => RunAsync(Here, arguments);

    private static async Task<CommandRun> RunAsync(CommandSetting setting, params string[] arguments)
    {
        var run = await CommandRun.RunAsync(arguments, setting, Cancel);
        Assert.True(run.ExitCode == 0, $"'trunkline {string.Join(' ', arguments)}' ended with {run.ExitCode}: {run.Error}");
        return run;
    }
}
