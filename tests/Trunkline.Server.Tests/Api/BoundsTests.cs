using System.Net;
using System.Text;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Tests.Flows;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Api;

/// <summary>Large bodies, full disks and busy nodes: what fits is stored, what does not is refused with nothing stored.</summary>
public sealed class BoundsTests : ApiTest
{
    private const string One = "/api/v1/topics/one/messages";
    private BrokerWithFaults _broker = null!;

    protected override InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Broker = "faulty",
        Topics = [new TopicSettings { Name = "one", Partitions = 1 }],
        Project = new ProjectConfig { Node = new NodeConfig { RequestBytesMax = 8 * 1024 * 1024 } },
        Configure = app => app.AddBroker("faulty", (context, _) =>
        {
            _broker = new BrokerWithFaults(new MemoryBroker(context.Time));
            return ValueTask.FromResult<IBroker>(_broker);
        }),
    };

    [Fact]
    public async Task A_large_message_passes_whole()
    {
        var text = new string('x', 7 * 1024 * 1024);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(One, $"\"{text}\"", "application/json")).Status);
        Assert.Equal(text, Assert.Single(await BrowseAsync("one")).GetProperty("data").GetString());
    }

    [Fact]
    public async Task A_body_past_the_bound_is_refused_whether_its_length_is_told_or_not()
    {
        var body = new byte[9 * 1024 * 1024];
        body.AsSpan().Fill((byte)' ');
        AssertProblem(HttpStatusCode.RequestEntityTooLarge, "request.too-large", await PostAsync(One, body, "application/json"));
        var chunk = $"{1024 * 1024:x}\r\n{new string(' ', 1024 * 1024)}\r\n";
        var head = $"POST {One} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        var answer = await RawHttp.SendAsync(new Uri(Node.Url), head + string.Concat(Enumerable.Repeat(chunk, 9)) + "0\r\n\r\n", Cancel);
        Assert.Contains("request.too-large", answer, StringComparison.Ordinal);
        Assert.Empty(await BrowseAsync("one"));
    }

    [Theory]
    [InlineData(BrokerErrorCode.DiskFull, 507, "broker.disk-full")]
    [InlineData(BrokerErrorCode.Overloaded, 503, "broker.overloaded")]
    [InlineData(BrokerErrorCode.StoreFailed, 503, "broker.store-failed")]
    [InlineData(BrokerErrorCode.MessageTooLarge, 413, "message.too-large")]
    public async Task What_the_broker_refuses_is_told_by_its_own_code(BrokerErrorCode code, int status, string problem)
    {
        _broker.BeforeAppend = _ => throw new BrokerException(code, "Refused for a test.");
        AssertProblem((HttpStatusCode)status, problem, await PostAsync(One, "1\n2", "application/x-ndjson"));
        _broker.BeforeAppend = _ => Task.CompletedTask;
        Assert.Empty(await BrowseAsync("one"));
    }

    [Fact]
    public async Task What_nobody_foresaw_is_told_by_a_trace_id_and_nothing_else()
    {
        _broker.BeforeAppend = _ => throw new InvalidOperationException("with a secret inside");
        var answer = await PostAsync(One, "1", "application/json");
        AssertProblem(HttpStatusCode.InternalServerError, "request.failed", answer);
        Assert.DoesNotContain("secret", answer.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_cut_off_in_the_middle_stores_nothing()
    {
        var request = $"POST {One} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100\r\n\r\n1\n2\n";
        using (var client = new System.Net.Sockets.TcpClient())
        {
            var node = new Uri(Node.Url);
            await client.ConnectAsync(node.Host, node.Port, Cancel);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Cancel);
        }

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(One, "3", "application/json")).Status);
        Assert.Equal("3", Assert.Single(await BrowseAsync("one")).GetProperty("data").GetRawText());
    }
}
