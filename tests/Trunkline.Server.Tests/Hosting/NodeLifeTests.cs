using System.Net;
using System.Text;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Hosting;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Hosting;

public sealed class NodeLifeTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("trunkline-life-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        await using (var node = await StartAsync())
        {
            using var content = new StringContent("{\"n\":1}", Encoding.UTF8, "application/json");
            using var answer = await node.Http.PostAsync("/api/v1/topics/in/messages", content, Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await using var again = await StartAsync();
        Assert.Contains("{\"n\":1}", await again.Http.GetStringAsync("/api/v1/topics/in/messages", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_node_on_one_store_is_refused()
    {
        await using var first = await StartAsync();
        var refused = await Assert.ThrowsAsync<NodeStartException>(StartAsync);
        Assert.Equal((ExitCode.Refused, "broker.store-locked"), (refused.Exit, refused.Code));
        Assert.Contains(_data, refused.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await first.Http.GetAsync("/health/ready", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_node_told_to_stop_before_it_is_ready_has_stopped_as_asked()
    {
        await using var app = TrunklineApp.Create("--listen", "http://127.0.0.1:0", "--data", _data).UseProject(Project("embedded"));
        Assert.Equal(ExitCode.Done, await app.RunAsync(new CancellationToken(canceled: true)));
        await using var next = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await next.Http.GetAsync("/health/ready", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_taken_address_is_refused()
    {
        await using var first = await StartAsync();
        await using var second = TrunklineApp.Create("--listen", first.Url, "--data", Path.Combine(_data, "other")).UseProject(Project("embedded"));
        var refused = await Assert.ThrowsAsync<NodeStartException>(() => second.StartAsync(Cancel));
        Assert.Equal((ExitCode.Refused, "node.address-in-use"), (refused.Exit, refused.Code));
        Assert.False(Directory.Exists(Path.Combine(_data, "other")), "it opened a store before it knew where to listen");
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "auth.required-beyond-loopback")]
    [InlineData("http://[::]:0", "auth.required-beyond-loopback")]
    [InlineData("http://*:0", "auth.required-beyond-loopback")]
    [InlineData("http://10.1.2.3:7420", "auth.required-beyond-loopback")]
    [InlineData("http://example.com:7420", "config.listen-invalid")]
    [InlineData("https://127.0.0.1:7420", "config.listen-invalid")]
    [InlineData("127.0.0.1:7420", "config.listen-invalid")]
    [InlineData("http://127.0.0.1:7420/path", "config.listen-invalid")]
    [InlineData("http://user@127.0.0.1:7420", "config.listen-invalid")]
    public async Task A_listen_address_that_is_unsafe_or_none_is_a_fault(string listen, string code)
    {
        await using var app = TrunklineApp.Create("--listen", listen).UseProject(Project("memory"));
        var refused = await Assert.ThrowsAsync<NodeStartException>(() => app.StartAsync(Cancel));
        Assert.Equal((ExitCode.Configuration, code), (refused.Exit, Assert.Single(refused.Faults).Code));
    }

    [Fact]
    public async Task Every_fault_is_told_at_once()
    {
        await using var app = TrunklineApp.Create("--listen", "nowhere", "--colour", "--data").UseProject(Project("pigeons"));
        var refused = await Assert.ThrowsAsync<NodeStartException>(() => app.StartAsync(Cancel));
        Assert.Equal(["config.argument-invalid", "config.argument-invalid", "config.listen-invalid", "broker.kind-unknown"], refused.Faults.Select(f => f.Code));
    }

    [Fact]
    public async Task Flags_beat_the_file_and_the_file_gives_topics()
    {
        var file = Path.Combine(_data, "trunkline.yaml");
        await File.WriteAllTextAsync(file, "node: { listen: \"http://127.0.0.1:1\", broker: { kind: memory } }\ntopics: { from.file: { partitions: 3 } }\n", Cancel);
        await using var app = TrunklineApp.Create("-f", file, "--listen=http://localhost:0", "--data", Path.Combine(_data, "d"));
        await app.StartAsync(Cancel);
        using var http = new HttpClient { BaseAddress = new Uri(app.Url) };
        Assert.Contains("from.file", await http.GetStringAsync("/api/v1/topics", Cancel), StringComparison.Ordinal);
        await app.StopAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync("/health/live", Cancel));
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private Task<InProcessNode> StartAsync() =>
        InProcessNode.StartAsync(new InProcessNodeOptions { Broker = "embedded", Data = _data, Topics = [new TopicSettings { Name = "in" }] }, Cancel);

    private static ProjectConfig Project(string broker) => new() { Node = new NodeConfig { Broker = broker } };
}
