using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Testing.Models;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Api.Live;

/// <summary>Answers of a model that are followed while they are written: whatever breaks, clients end with the durable text, and never see one twice.</summary>
public sealed class StreamedAnswerTests : LiveTest
{
    private ScriptedChatServer _first = null!;
    private ScriptedChatServer _second = null!;

    public override async ValueTask InitializeAsync()
    {
        _first = await ScriptedChatServer.StartAsync(Cancel);
        _second = await ScriptedChatServer.StartAsync(Cancel);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    protected override InProcessNodeOptions Options() => base.Options() with
    {
        Project = new ProjectConfig
        {
            Models = new[]
            {
                ModelAt("first", _first.Endpoint) with { Answers = new ModelAnswerConfig { Fallback = new FallbackConfig("second", [ModelFailure.Unavailable]) } },
                ModelAt("second", _second.Endpoint),
            }.ToDictionary(model => model.Name),
            Flows = new Dictionary<string, FlowConfig>
            {
                ["chat"] = new()
                {
                    Name = "chat",
                    From = new TopicSourceConfig("in", "flow.chat", SubscribeStart.Earliest, default),
                    Steps = [new InferStepConfig("infer-1", "first", "message.text", "reply", default) { Streams = true }],
                    Retry = new RetryConfig(3, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2)),
                    Branches = [new BranchConfig(null, [new LiveSinkConfig("sse-1", LiveKind.Sse, "/mine", default) { Secrets = [new Secret(Secret)] }], default)],
                },
            },
        },
    };

    [Fact]
    public async Task The_pieces_come_before_the_whole_which_has_their_id()
    {
        _first.Enqueue(new ChatScript.Streamed("Hel", "lo ", "you"));
        var (pieces, whole) = await AskAsync("mine");
        Assert.Equal([(0, "Hel"), (1, "lo "), (2, "you")], pieces.Select(piece => (piece.Sequence, piece.Text)));
        Assert.Equal(("Hello you", true), (whole.Text, pieces.All(piece => piece.Id == whole.Id)));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_taken_back_and_begun_again_by_the_same_model()
    {
        _first.Enqueue(new ChatScript.Raw("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Half of\"}}]}\n\n"), new ChatScript.Streamed("A ", "whole"));
        _second.Enqueue(new ChatScript.Streamed("Another's"));
        var (pieces, whole) = await AskAsync("mine");
        Assert.Equal([(0, "Half of"), (0, ""), (0, "A "), (1, "whole")], pieces.Select(piece => (piece.Sequence, piece.Text)));
        Assert.Equal("A whole", whole.Text);
        Assert.Empty(_second.Requests);
    }

    [Fact]
    public async Task Before_the_first_piece_another_model_may_answer()
    {
        _first.Enqueue(new ChatScript.Status(503));
        _second.Enqueue(new ChatScript.Streamed("From ", "the second"));
        var (pieces, whole) = await AskAsync("mine");
        Assert.Equal([(0, "From "), (1, "the second")], pieces.Select(piece => (piece.Sequence, piece.Text)));
        Assert.Equal("From the second", whole.Text);
    }

    [Fact]
    public async Task Neither_those_of_another_key_nor_those_who_follow_a_replay_see_a_piece()
    {
        _first.Enqueue(new ChatScript.Streamed("secret"), new ChatScript.Streamed("replayed"), new ChatScript.Streamed("mine"));
        using var stream = await SseClient.OpenAsync(Http, "/out/mine?ticket=" + Ticket("mine"), null, Cancel);
        await PublishAsync("other", Headers.Empty);
        await Flows.Eventually.HoldsAsync(() => _first.Requests.Count == 1, "the other one's is asked");
        await PublishAsync("mine", Headers.Of(new Header(HeaderNames.Replay, "replay-1")));
        await Flows.Eventually.HoldsAsync(() => _first.Requests.Count == 2, "the replay's is asked");
        await PublishAsync("mine", Headers.Empty);
        var (_, json) = await stream.NextAsync(Cancel);
        Assert.Equal("mine", json.GetProperty("text").GetString());
    }

    private static ModelConfig ModelAt(string name, Uri endpoint) => new() { Name = name, Kind = "openai", Endpoint = endpoint, Model = "m" };

    private Task PublishAsync(string key, Headers headers) => Broker.AppendAsync(
        new TopicAppend { Topic = "in", Messages = [new Message { Key = MessageKey.FromText(key), Headers = headers, ContentType = "application/json", Payload = Encoding.UTF8.GetBytes("""{"text":"hi"}""") }] },
        Cancel).AsTask();

    private async Task<(List<(string Id, int Sequence, string Text)> Pieces, (string Id, string Text) Whole)> AskAsync(string key)
    {
        using var stream = await SseClient.OpenAsync(Http, "/out/mine?ticket=" + Ticket(key), null, Cancel);
        await PublishAsync(key, Headers.Empty);
        var pieces = new List<(string, int, string)>();
        while (true)
        {
            var (_, json) = await stream.NextAsync(Cancel);
            var id = json.GetProperty("id").GetString()!;
            if (!json.TryGetProperty("seq", out var sequence))
            {
                return (pieces, (id, json.GetProperty("data").GetProperty("reply").GetProperty("text").GetString()!));
            }

            pieces.Add((id, sequence.GetInt32(), json.GetProperty("text").GetString()!));
        }
    }
}
