using System.Net;
using System.Text;
using System.Text.Json;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Server.Tests.Hosting;

/// <summary>A node from a project file: flows work, revisions switch, everything seen through the client.</summary>
public sealed class WholeNodeTests : IAsyncLifetime
{
    private const string Project = """
        node: { broker: { kind: memory } }
        topics: { in: {}, big: {}, small: {} }
        models: { mood: { kind: lexicon } }
        flows:
          sort:
            from: { topic: in }
            steps:
              - parse: json
              - infer: { model: mood, input: message.text, output: mood }
            branch:
              - when: message.n > 10
                to: { topic: big }
              - otherwise: true
                to: { topic: small }
          post:
            from: { http: /orders }
            steps: [ { parse: json }, { filter: message.keep } ]
            to: { topic: small }
        """;

    private readonly NodeFixture _node = new("whole", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Messages_go_through_a_flow_to_their_branch_with_provenance()
    {
        await PublishAsync("""{"n":5,"text":"great"}""", """{"n":50,"text":"awful"}""");
        var big = Assert.Single(await WaitAsync("big", 1));
        Assert.Equal(50, big.Data!.Value.GetProperty("n").GetInt32());
        Assert.True(big.Data.Value.GetProperty("mood").GetProperty("compound").GetDouble() < 0);
        Assert.Equal("sort", big.Headers!.Single(h => h.Name == "tl-flow").Value);
        Assert.Equal("1", big.Headers!.Single(h => h.Name == "tl-revision").Value);
        Assert.Single(await WaitAsync("small", 1));
    }

    [Fact]
    public async Task Flows_and_models_tell_how_they_do()
    {
        await PublishAsync("""{"n":50,"text":"fine"}""");
        await WaitAsync("big", 1);
        var flow = await _node.Client.GetFlowAsync("sort", Cancel);
        Assert.Equal(("running", "topic:in", "flow.sort", 1L), (flow.State, flow.From, flow.Group, flow.Revision));
        Assert.Equal(["mood"], flow.Models);
        Assert.Equal(["big", "small"], flow.Sinks.Select(s => s.Target));
        var model = Assert.Single((await _node.Client.ListModelsAsync(Cancel)).Models);
        Assert.Equal(("mood", "lexicon"), (model.Name, model.Kind));
        Assert.StartsWith("lexicon@", model.Version, StringComparison.Ordinal);
        Assert.Equal(["sort"], model.UsedBy);
        Assert.Equal("ready", (await _node.Client.GetHealthAsync(Cancel)).Status);
        Assert.Equal(404, (await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.GetFlowAsync("none", Cancel))).Status);
    }

    [Fact]
    public async Task What_a_flow_cannot_process_is_among_the_dead_letters_with_its_cause()
    {
        await PublishAsync("""{"n":1}""");
        var dead = await Eventually(async () => (await _node.Client.ListDeadLettersAsync("sort", 10, Cancel)).DeadLetters, d => d.Count == 1);
        Assert.Equal(("sort", "infer-2"), (dead[0].Flow, dead[0].Step));
        Assert.StartsWith("step.", dead[0].Cause, StringComparison.Ordinal);
        Assert.Matches("^in/[0-3]/0$", dead[0].Position);
        Assert.Equal("""{"n":1}""", (await _node.Client.DeadLetters.ShowAsync("sort", dead[0].Event.Partition, dead[0].Event.Offset, true, Cancel)).Event.Data!.Value.GetRawText());
        Assert.Null(dead[0].Event.Data);
        Assert.Single((await _node.Client.ListDeadLettersAsync(null, 10, Cancel)).DeadLetters);
    }

    [Fact]
    public async Task A_request_to_a_flow_is_answered_when_its_outputs_are_durable()
    {
        using var http = new HttpClient { BaseAddress = new Uri(_node.App.Url) };
        foreach (var (body, outcome) in new[] { ("""{"keep":true}""", "delivered"), ("""{"keep":false}""", "filtered"), ("text", "dead-lettered") })
        {
            using var content = new StringContent(body, Encoding.UTF8, body == "text" ? "text/plain" : "application/json");
            using var answer = await http.PostAsync("/in/orders", content, Cancel);
            var told = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
            Assert.Equal((HttpStatusCode.OK, outcome), (answer.StatusCode, told.GetProperty("outcome").GetString()));
        }

        Assert.Single(await WaitAsync("small", 1));
        using var nowhere = await http.PostAsync("/in/nowhere", new StringContent("{}", Encoding.UTF8, "application/json"), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
    }

    [Fact]
    public async Task A_revision_is_applied_to_the_running_node_and_taken_back()
    {
        var stricter = Project.Replace("message.n > 10", "message.n > 1000", StringComparison.Ordinal);
        var plan = await _node.Client.ApplyAsync(new ApplyRequest { Main = "trunkline.yaml", Files = new Dictionary<string, string> { ["trunkline.yaml"] = stricter } }, Cancel);
        Assert.Equal((1, 2), (plan.From, plan.To));
        await PublishAsync("""{"n":50,"text":"fine"}""");
        Assert.Equal("2", Assert.Single(await WaitAsync("small", 1)).Headers!.Single(h => h.Name == "tl-revision").Value);
        await _node.Client.ActivateAsync(1, new ActivateRequest(), Cancel);
        await PublishAsync("""{"n":50,"text":"fine"}""");
        Assert.Single(await WaitAsync("big", 1));
        Assert.Equal(["activate", "apply", "apply"], (await _node.Client.ListChangesAsync(10, Cancel)).Changes.Select(c => c.What));
    }

    [Fact]
    public async Task A_paused_flow_takes_nothing_until_it_is_resumed()
    {
        Assert.Equal("paused", (await _node.Client.PauseFlowAsync("sort", Cancel)).State);
        await PublishAsync("""{"n":50,"text":"fine"}""");
        await Eventually(() => _node.Client.GetFlowAsync("sort", Cancel), f => f.Lag == 1);
        await _node.Client.ResumeFlowAsync("sort", Cancel);
        await WaitAsync("big", 1);
        Assert.Equal(["resume", "pause"], (await _node.Client.ListChangesAsync(2, Cancel)).Changes.Select(c => c.What));
    }

    [Fact]
    public async Task A_group_consumes_through_the_client()
    {
        await PublishAsync("""{"n":1,"text":"a"}""", """{"n":2,"text":"b"}""");
        var group = _node.Client.Group("in", "other");
        var seen = new List<string>();
        while (seen.Count < 2)
        {
            var lent = await group.FetchAsync(new FetchRequest { WaitMs = 5000 }, Cancel);
            var settled = await group.AckAsync(new AckRequest([.. lent.Messages.Select(m => m.Lease)]), Cancel);
            Assert.Empty(settled.Expired);
            seen.AddRange(lent.Messages.Select(m => m.Event.Data!.Value.GetProperty("text").GetString()!));
        }

        Assert.Equal(["a", "b"], seen.Order());
        Assert.Empty((await group.FetchAsync(new FetchRequest(), Cancel)).Messages);
    }

    private async Task PublishAsync(params string[] messages)
    {
        var body = Encoding.UTF8.GetBytes(string.Join('\n', messages));
        await _node.Client.PublishAsync("in", new PublishContent { Body = body, ContentType = "application/x-ndjson" }, Cancel);
    }

    private Task<IReadOnlyList<EventView>> WaitAsync(string topic, int count) =>
        Eventually(async () => (await _node.Client.ReadAsync(topic, ReadFrom.Earliest, 100, Cancel)).Messages, m => m.Count >= count);

    private static async Task<T> Eventually<T>(Func<Task<T>> read, Func<T, bool> fits)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, Cancel);
        while (true)
        {
            var value = await read();
            if (fits(value))
            {
                return value;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ended.Token);
        }
    }
}
