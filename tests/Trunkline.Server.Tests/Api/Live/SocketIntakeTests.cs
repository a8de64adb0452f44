using System.Net.WebSockets;
using System.Text.Json;
using System.Text;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Core.Config;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Faults;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Api.Live;

public sealed class SocketIntakeTests : LiveTest
{
    private Gate _gate = null!;

    protected override InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Topics = [new TopicSettings { Name = "out", Partitions = 1 }],
        Configure = app => app.AddBroker("memory", (context, _) => ValueTask.FromResult<IBroker>(_gate = new Gate(new MemoryBroker(context.Time)))),
        Project = new ProjectConfig
        {
            Flows = new[]
            {
                new WebSocketSourceConfig("/all", default) { FrameBytesMax = 2048, ClientsMax = 2 },
                new WebSocketSourceConfig("/mine", default) { Secrets = [new Secret(Secret)] },
            }.ToDictionary(from => from.Path[1..], from => new FlowConfig
            {
                Name = from.Path[1..],
                From = from,
                Branches = [new BranchConfig(null, [new TopicSinkConfig("out", "out", null, default(SourceLocation))], default)],
            }),
        },
    };

    [Fact]
    public async Task A_frame_is_answered_once_it_is_durable_and_not_before()
    {
        using var socket = await ConnectAsync("/in/all");
        _gate.Close();
        await SendAsync(socket, """{"id":"1","key":"k","data":{"n":1}}""");
        var answer = AnswerAsync(socket);
        await Flows.Eventually.HoldsAsync(() => _gate.Waits, "the commit waits");
        Assert.False(answer.IsCompleted);
        _gate.Open();
        Assert.Equal("""{"id":"1","outcome":"delivered"}""", await answer);
        var message = Assert.Single(await BrowseAsync("out"));
        Assert.Equal(("k", 1), (message.GetProperty("partitionkey").GetString(), message.GetProperty("data").GetProperty("n").GetInt32()));
    }

    [Fact]
    public async Task A_message_sent_again_after_a_break_is_there_once_and_order_holds()
    {
        for (var round = 0; round < 2; round++)
        {
            using var socket = await ConnectAsync("/in/all");
            for (var i = 0; i < 200; i++)
            {
                await SendAsync(socket, $$"""{"id":"m{{i}}","key":"k","data":{{i}}}""");
            }

            var answered = new HashSet<string>();
            while (answered.Count < 200)
            {
                answered.Add(JsonDocument.Parse((await AnswerAsync(socket))!).RootElement.GetProperty("id").GetString()!);
            }

            socket.Abort();
        }

        Assert.Equal(Enumerable.Range(0, 200), (await BrowseAsync("out")).Select(message => message.GetProperty("data").GetInt32()));
    }

    [Fact]
    public async Task While_frames_wait_for_their_commit_no_more_are_read()
    {
        using var socket = await ConnectAsync("/in/all");
        _gate.Close();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            var padding = new string('x', 1900);
            for (; sent < 100_000; sent++)
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes($$"""{"id":"m{{sent}}","data":"{{padding}}"}"""), WebSocketMessageType.Text, true, stop.Token);
            }
        }, Cancel);
        await Flows.Eventually.HoldsAsync(() => _gate.Waits, "the commit waits");
        var last = -1;
        await Flows.Eventually.HoldsAsync(
            async () =>
            {
                var before = last;
                last = sent;
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
                return last == before;
            },
            "the client cannot send any more");
        Assert.InRange(sent, 64, 50_000);
        await stop.CancelAsync();
        await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _gate.Open();
    }

    [Fact]
    public async Task A_ticket_names_the_key_and_its_ids_are_its_own()
    {
        foreach (var key in new[] { "a", "b" })
        {
            using var socket = await ConnectAsync("/in/mine?ticket=" + Ticket(key, "/in/mine"));
            await SendAsync(socket, """{"id":"1","data":"hi"}""");
            Assert.NotNull(await AnswerAsync(socket));
            await SendAsync(socket, """{"id":"2","key":"other","data":"hi"}""");
            Assert.Null(await AnswerAsync(socket));
            Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, socket.CloseStatus);
        }

        Assert.Equal(["a", "b"], (await BrowseAsync("out")).Select(message => message.GetProperty("partitionkey").GetString()));
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync("/in/mine"));
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync("/in/mine?ticket=" + Ticket("a", "/out/mine")));
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync("/in/all", "https://evil.example"));
    }

    [Theory]
    [InlineData("not json", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("[]", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("""{"data":1}""", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("""{"id":"\ud800","data":1}""", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("""{"id":"","data":1}""", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("""{"id":"1"}""", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("""{"id":"1","data":1,"data":2}""", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("""{"id":"1","data":1,"source":"x"}""", WebSocketCloseStatus.InvalidPayloadData)]
    public async Task What_is_no_frame_closes_the_connection_with_the_reason(string frame, WebSocketCloseStatus status)
    {
        using var socket = await ConnectAsync("/in/all");
        await SendAsync(socket, frame);
        Assert.Null(await AnswerAsync(socket));
        Assert.Equal(status, socket.CloseStatus);
        Assert.NotEmpty(socket.CloseStatusDescription!);
        Assert.Empty(await BrowseAsync("out"));
    }

    [Fact]
    public async Task Frames_that_are_too_large_or_binary_and_clients_too_many_are_refused()
    {
        using (var large = await ConnectAsync("/in/all"))
        {
            await SendAsync(large, $$"""{"id":"1","data":"{{new string('x', 5000)}}"}""");
            Assert.Null(await AnswerAsync(large));
            Assert.Equal(WebSocketCloseStatus.MessageTooBig, large.CloseStatus);
        }

        using var binary = await ConnectAsync("/in/all");
        await binary.SendAsync("{}"u8.ToArray(), WebSocketMessageType.Binary, true, Cancel);
        Assert.Null(await AnswerAsync(binary));
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, binary.CloseStatus);
        await Flows.Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    using var first = await ConnectAsync("/in/all");
                    using var second = await ConnectAsync("/in/all");
                    await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync("/in/all"));
                    return true;
                }
                catch (WebSocketException)
                {
                    // The places of those before are not free yet.
                    return false;
                }
            },
            "two clients have a place and a third has none");
        using var plain = await Http.GetAsync("/in/all", Cancel);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, plain.StatusCode);
    }

    [Fact]
    public async Task A_node_that_stops_answers_what_it_took_and_says_why_it_closes()
    {
        using var socket = await ConnectAsync("/in/all");
        _gate.Close();
        await SendAsync(socket, """{"id":"1","data":1}""");
        await Flows.Eventually.HoldsAsync(() => _gate.Waits, "the commit waits");
        var stopping = Node.StopAsync();
        _gate.Open();
        Assert.Equal("""{"id":"1","outcome":"delivered"}""", await AnswerAsync(socket));
        Assert.Null(await AnswerAsync(socket));
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
    }

    private static Task SendAsync(ClientWebSocket socket, string frame) => socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, Cancel);

    /// <summary>The next answer; null once the node closed.</summary>
    private static async Task<string?> AnswerAsync(ClientWebSocket socket)
    {
        var frame = new byte[1024];
        var part = await socket.ReceiveAsync(frame, Cancel);
        return part.MessageType == WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(frame, 0, part.Count);
    }

    /// <summary>Holds up commits that append to <c>out</c>.</summary>
    private sealed class Gate(IBroker inner) : PassingBroker(inner)
    {
        private volatile TaskCompletionSource? _closed;

        public bool Waits { get; private set; }

        public void Close() => _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open()
        {
            _closed?.SetResult();
            _closed = null;
        }

        public override async ValueTask<CommitResult> CommitAsync(CommitUnit unit, CancellationToken cancellationToken)
        {
            if (_closed is { } closed && unit.Appends.Any(append => append.Topic == "out"))
            {
                Waits = true;
                await closed.Task.WaitAsync(cancellationToken);
            }

            return await base.CommitAsync(unit, cancellationToken);
        }
    }
}
