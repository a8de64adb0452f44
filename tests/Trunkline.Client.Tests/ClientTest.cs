using System.Text.Json.Serialization;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Client.Consuming;
using Trunkline.Client.Publishing;
using Trunkline.Messaging.Topics;
using Trunkline.Testing.Nodes;

namespace Trunkline.Client.Tests;

/// <summary>A real node with a topic <c>in</c> of one partition, whose clock stands still, and a client of it.</summary>
public abstract partial class ClientTest : IAsyncLifetime
{
    private readonly UnreliableConnection _connection = new();
    private InProcessNode? _node;
    private TrunklineClient? _client;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected FakeTimeProvider NodeTime { get; } = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    protected TrunklineClient Client => _client!;

    private protected UnreliableConnection Connection => _connection;

    protected TopicGroup Group => Client.Group("in", "readers");

    public async ValueTask InitializeAsync()
    {
        _node = await InProcessNode.StartAsync(new InProcessNodeOptions { Time = NodeTime, Topics = [new TopicSettings { Name = "in" }] }, Cancel);
        _client = new TrunklineClient(new HttpClient(_connection) { BaseAddress = new Uri(_node.Url) });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _client?.Dispose();
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }

    protected Task<Api.PublishResponse> PublishAsync(params Note[] notes) => Client.PublishAsync(
        "in", [.. notes.Select(n => new OutgoingMessage<Note>(n) { Key = n.Key })], NoteJson.Default.Note, null, Cancel);

    protected Task<Api.PublishResponse> PublishAsync(int count) => PublishAsync([.. Enumerable.Range(1, count).Select(n => new Note(n))]);

    protected async Task<long> LagAsync() => (await Client.GetTopicAsync("in", Cancel)).Groups.FirstOrDefault(g => g.Group == "readers")?.Lag ?? -1;

    /// <summary>Messages that another consumer of the group would be lent now.</summary>
    protected async Task<int> FreeAsync() => (await Group.FetchAsync(new Api.FetchRequest { Max = 1000 }, Cancel)).Messages.Count;

    protected static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(90), $"Not within 90 s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
        }
    }

    protected static Task UntilAsync(Func<bool> holds, string what) => UntilAsync(() => Task.FromResult(holds()), what);

    /// <summary>Consumes until disposed.</summary>
    private protected RunningConsumer Consume(ConsumeOptions options, Func<Received<Note>, CancellationToken, ValueTask> handler) =>
        new(stop => Group.ConsumeAsync(NoteJson.Default.Note, handler, options, stop));

    public sealed record Note(int Number, string? Key = null);

    [JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Note))]
    internal sealed partial class NoteJson : JsonSerializerContext;
}
