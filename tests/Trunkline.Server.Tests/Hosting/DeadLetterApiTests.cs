using System.Text;
using System.Text.Json;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Server.Tests.Hosting;

/// <summary>Dead letters over HTTP, as the client sees them.</summary>
public sealed class DeadLetterApiTests : IAsyncLifetime
{
    private const string Project = """
        node: { broker: { kind: memory } }
        topics: { in: { partitions: 1 }, out: { partitions: 1 } }
        flows:
          sums:
            from: { topic: in }
            steps: [ { parse: json }, { map: "({ total: message.a.b })" } ]
            to: { topic: out }
            dead: { retention: 30d }
        """;

    private static readonly Dictionary<string, string> Binary = new() { ["ce-specversion"] = "1.0", ["ce-id"] = "b", ["ce-source"] = "test", ["ce-type"] = "test" };

    private readonly NodeFixture _node = new("dead", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _node.StartAsync();
        foreach (var line in new[] { "{\"n\":0}", "{\"n\":1}", "broken", "{\"n\":3}" })
        {
            var content = new PublishContent { Body = Encoding.UTF8.GetBytes(line), Key = "k" };
            await _node.Client.PublishAsync("in", line == "broken" ? content with { ContentType = "text/plain", Headers = Binary } : content, Cancel);
        }
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task They_are_listed_by_page_filtered_grouped_and_shown_with_the_payload_only_when_asked()
    {
        await DeadAsync(4);
        var first = await _node.Client.DeadLetters.ListAsync("sums", new DeadLetterSelection(), "open", 3, Cancel);
        Assert.Equal((3, 4L), (first.DeadLetters.Count, first.Total));
        var second = await _node.Client.DeadLetters.NextAsync(first, Cancel);
        Assert.Equal(3, Assert.Single(second.DeadLetters).Event.Offset);
        Assert.All(first.DeadLetters, letter => Assert.Null(letter.Event.Data));
        Assert.All(first.DeadLetters, letter => Assert.True(letter.PayloadBytes > 0 && letter.FirstFailedAt <= letter.FailedAt));

        var broken = Assert.Single((await _node.Client.DeadLetters.ListAsync(null, new DeadLetterSelection { Step = "parse-1" }, "open", 10, Cancel)).DeadLetters);
        Assert.Equal((2L, "in/0/2", "1"), (broken.Event.Offset, broken.Position, broken.Revision));
        var groups = (await _node.Client.DeadLetters.GroupAsync("sums", new DeadLetterSelection(), Cancel)).Groups;
        Assert.Equal([("map-2", 3L), ("parse-1", 1L)], groups.Select(g => (g.Step!, g.Count)));
        Assert.Equal("broken", (await _node.Client.DeadLetters.ShowAsync("sums", 0, 2, true, Cancel)).Event.Data!.Value.GetString());
        Assert.Null((await _node.Client.DeadLetters.ShowAsync("sums", 0, 2, false, Cancel)).Event.Data);
        Assert.Empty((await _node.Client.DeadLetters.ListAsync("sums", new DeadLetterSelection { Until = DateTimeOffset.UnixEpoch }, "open", 10, Cancel)).DeadLetters);
    }

    [Fact]
    public async Task One_is_edited_and_redriven_others_are_dropped_and_what_was_done_is_told_the_second_time()
    {
        await DeadAsync(4);
        var edited = new RedriveRequest(Convert.ToBase64String("""{"a":{"b":7}}"""u8));
        Assert.Equal("redriven", (await _node.Client.DeadLetters.RedriveAsync("sums", 0, 1, edited, Cancel)).Outcome);
        var again = await _node.Client.DeadLetters.RedriveAsync("sums", 0, 1, edited, Cancel);
        Assert.Equal("already-done", again.Outcome);
        Assert.Contains("edited", again.Detail, StringComparison.Ordinal);
        Assert.Equal("""{"n":1}""", (await _node.Client.DeadLetters.ShowAsync("sums", 0, 1, true, Cancel)).Event.Data!.Value.GetRawText());
        var page = await _node.Client.ReadAsync("out", ReadFrom.Earliest, 10, Cancel);
        Assert.Equal("""{"total":7}""", Assert.Single(page.Messages).Data!.Value.GetRawText());

        Assert.Equal("failed-again", (await _node.Client.DeadLetters.RedriveAsync("sums", 0, 0, new RedriveRequest(), Cancel)).Outcome);
        Assert.Equal(1, (await _node.Client.DeadLetters.DropAsync("sums", 0, 2, Cancel)).Dropped);
        Assert.Equal(0, (await _node.Client.DeadLetters.DropAsync("sums", 0, 2, Cancel)).Dropped);
        using var export = new MemoryStream();
        await _node.Client.DeadLetters.ExportAsync("sums", new DeadLetterSelection(), "all", export, Cancel);
        var lines = Encoding.UTF8.GetString(export.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(["redriven", "edited", "dropped", null, null], lines.Select(l => l.TryGetProperty("deed", out var deed) ? deed.GetString() : null));
        Assert.Equal("broken", lines[2].GetProperty("event").GetProperty("data").GetString());

        Assert.Equal(2, (await _node.Client.DeadLetters.DropAsync("sums", new DropRequest(new DeadLetterSelection { Key = "k" }), Cancel)).Dropped);
        Assert.Equal(0, (await _node.Client.ListDeadLettersAsync(null, 10, Cancel)).Total);
        var changes = (await _node.Client.ListChangesAsync(10, Cancel)).Changes.Select(c => c.What);
        Assert.Equal(["drop", "drop", "redrive", "edit-and-redrive"], changes.Take(4));
    }

    [Fact]
    public async Task A_redrive_by_filter_is_begun_seen_and_ended()
    {
        await DeadAsync(4);
        var mended = Project.Replace("message.a.b", "message.n", StringComparison.Ordinal);
        await _node.Client.ApplyAsync(new ApplyRequest { Main = "trunkline.yaml", Files = new Dictionary<string, string> { ["trunkline.yaml"] = mended } }, Cancel);
        var redrive = await _node.Client.DeadLetters.BeginRedriveAsync("sums", new BeginRedriveRequest(new DeadLetterSelection(), 1000), Cancel);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(TimeSpan.FromSeconds(60));
        while ((redrive = await _node.Client.DeadLetters.GetRedriveAsync(redrive.Id, bound.Token)).State == "running")
        {
            await Task.Yield();
        }

        Assert.Equal(("done", 3L, 1L), (redrive.State, redrive.Redriven, redrive.FailedAgain));
        Assert.Equal(redrive.Id, Assert.Single((await _node.Client.DeadLetters.ListRedrivesAsync(Cancel)).Redrives).Id);
        Assert.Equal([0, 1, 3], (await _node.Client.ReadAsync("out", ReadFrom.Earliest, 10, Cancel)).Messages.Select(m => m.Data!.Value.GetProperty("total").GetInt32()));
    }

    [Fact]
    public async Task What_is_not_there_or_not_valid_is_refused()
    {
        await DeadAsync(4);
        Assert.Equal("dead.not-found", (await RefusedAsync(() => _node.Client.DeadLetters.ShowAsync("sums", 0, 99, false, Cancel))).Code);
        Assert.Equal("dead.not-found", (await RefusedAsync(() => _node.Client.DeadLetters.ShowAsync("sums", 7, 0, false, Cancel))).Code);
        Assert.Equal("flow.not-found", (await RefusedAsync(() => _node.Client.DeadLetters.ListAsync("none", new DeadLetterSelection(), "open", 10, Cancel))).Code);
        Assert.Equal("request.parameter-invalid", (await RefusedAsync(() => _node.Client.DeadLetters.ListAsync(null, new DeadLetterSelection(), "odd", 10, Cancel))).Code);
        Assert.Equal("redrive.not-found", (await RefusedAsync(() => _node.Client.DeadLetters.GetRedriveAsync("none", Cancel))).Code);
        Assert.Equal("request.body-invalid", (await RefusedAsync(() => _node.Client.DeadLetters.RedriveAsync("sums", 0, 0, new RedriveRequest("%%%"), Cancel))).Code);
        Assert.Equal("request.body-invalid", (await RefusedAsync(() => _node.Client.DeadLetters.BeginRedriveAsync("sums", new BeginRedriveRequest(new DeadLetterSelection(), 0), Cancel))).Code);
    }

    private static Task<TrunklineException> RefusedAsync(Func<Task> call) => Assert.ThrowsAsync<TrunklineException>(call);

    private async Task DeadAsync(int count)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(TimeSpan.FromSeconds(60));
        while ((await _node.Client.ListDeadLettersAsync("sums", 1, bound.Token)).Total != count)
        {
            await Task.Yield();
        }
    }
}
