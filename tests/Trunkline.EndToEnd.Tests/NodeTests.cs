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

    [Fact]
    public async Task The_starter_project_sorts_messages_as_it_says()
    {
        await RunAsync("init");
        await using var node = await NodeProcess.StartAsync(Here, Cancel);
        await RunAsync(At(node), "publish", "notes.received", """{"text":"The update broke everything. Terrible!"}""");
        await RunAsync(At(node), "publish", "notes.received", """{"text":"Lovely, thank you so much."}""");
        await RunAsync(At(node), "publish", "notes.received", """{"no":"text"}""");
        Assert.Contains("Terrible", await FirstAsync(node, "notes.unhappy"), StringComparison.Ordinal);
        Assert.Contains("Lovely", await FirstAsync(node, "notes.other"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_acknowledged_outlives_a_kill()
    {
        await RunAsync("init");
        await using (var node = await NodeProcess.StartAsync(Here, Cancel))
        {
            await RunAsync(At(node), "publish", "notes.received", """{"text":"Lovely"}""");
            await node.KillAsync(Cancel);
        }

        await using var again = await NodeProcess.StartAsync(Here, Cancel);
        var read = await RunAsync(At(again), "read", "notes.received");
        Assert.Single(read.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("Lovely", await FirstAsync(again, "notes.other"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_node_on_one_store_is_refused()
    {
        await RunAsync("init");
        await using var node = await NodeProcess.StartAsync(Here, Cancel);
        var second = await CommandRun.RunAsync(["run", "--json", "--listen", "http://127.0.0.1:0"], Here, Cancel);
        Assert.Equal(4, second.ExitCode);
        Assert.Contains("--data", second.Error, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(second.Output);
        Assert.Equal("broker.store-locked", document.RootElement.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_changed_project_is_applied_as_a_revision_and_taken_back()
    {
        await RunAsync("init");
        await using var node = await NodeProcess.StartAsync(Here, Cancel);
        var path = _folder.In("trunkline.yaml");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Cancel)).Replace("< -0.3", "< -0.9", StringComparison.Ordinal), Cancel);

        var unasked = await CommandRun.RunAsync(["apply"], At(node) with { Folder = _folder.Path }, Cancel);
        Assert.Equal(2, unasked.ExitCode);
        Assert.Equal(2, await AppliedAsync(node, "apply", "--yes", "--json"));
        Assert.Equal(1, await AppliedAsync(node, "apply", "--to", "1", "--yes", "--json"));
        var changes = await RunAsync(At(node), "changes", "--json");
        using var document = JsonDocument.Parse(changes.Output);
        Assert.Equal(["activate", "apply", "apply"], document.RootElement.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("what").GetString()));
    }

    [Fact]
    public async Task A_message_that_keeps_failing_is_shown_with_its_cause()
    {
        _folder.Write("trunkline.yaml", """
            topics: { in: {}, out: {} }
            flows:
              broken:
                from: { topic: in }
                steps: [ { map: message.missing.length } ]
                to: { topic: out }
                retry: { attempts: 1 }
            """);
        await using var node = await NodeProcess.StartAsync(Here, Cancel);
        await RunAsync(At(node), "publish", "in", "{}");
        var line = await EventuallyAsync(async () =>
        {
            var dead = await RunAsync(At(node), "dead", "--json");
            using var page = JsonDocument.Parse(dead.Output);
            return page.RootElement.GetProperty("total").GetInt64() == 1 ? dead.Output : null;
        });
        using var document = JsonDocument.Parse(line);
        var letter = document.RootElement.GetProperty("deadLetters")[0];
        Assert.Equal("broken", letter.GetProperty("flow").GetString());
        Assert.StartsWith("in/", letter.GetProperty("position").GetString(), StringComparison.Ordinal);
    }

    private static CommandSetting At(NodeProcess node) => new() { Environment = new Dictionary<string, string> { ["TRUNKLINE_NODE"] = node.Url.ToString() } };

    private static Task<string> FirstAsync(NodeProcess node, string topic) => EventuallyAsync(async () =>
    {
        var read = await RunAsync(At(node), "read", topic, "--limit", "1");
        return read.Output.Length > 0 ? read.Output : null;
    });

    /// <summary>Asks anew until there is an answer: each round is a process of its own, so nothing needs to pause between them.</summary>
    private static async Task<string> EventuallyAsync(Func<Task<string?>> ask)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
        {
            if (await ask() is { } answer)
            {
                return answer;
            }
        }

        throw new TimeoutException("What was waited for did not come within 60 s.");
    }

    private async Task<long> AppliedAsync(NodeProcess node, params string[] arguments)
    {
        var run = await RunAsync(At(node) with { Folder = _folder.Path }, arguments);
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.GetProperty("to").GetInt64();
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => RunAsync(Here, arguments);

    private static async Task<CommandRun> RunAsync(CommandSetting setting, params string[] arguments)
    {
        var run = await CommandRun.RunAsync(arguments, setting, Cancel);
        Assert.True(run.ExitCode == 0, $"'trunkline {string.Join(' ', arguments)}' ended with {run.ExitCode}: {run.Error}");
        return run;
    }
}
