using System.Globalization;
using System.Text;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;
using Xunit;

namespace Trunkline.Testing.Conformance.Connectors;

/// <summary>
/// The suite every sink passes: order, messages sent at once, a far side that is down, shutdown, and order per key through a node. Derive a
/// sealed class, say how to open the sink and what its far side has got, and xunit runs all cases, each in an empty folder of its own.
/// </summary>
public abstract class SinkConformance : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _patience = new(Patience);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("trunkline-sink-");

    /// <summary>An empty folder for this case.</summary>
    protected string Folder => _folder.FullName;

    /// <summary>Cancelled when the case has used up its time.</summary>
    protected CancellationToken Stop => _patience.Token;

    /// <summary>True if a message sent again with the same id is not kept twice by the far side. Default false.</summary>
    protected virtual bool RecognisesRepeats => false;

    /// <summary>The sink to the far side of this case.</summary>
    protected abstract ValueTask<ISinkConnector> OpenAsync();

    /// <summary>The payloads the far side has got, in order of arrival.</summary>
    protected abstract ValueTask<IReadOnlyList<string>> ReceivedAsync();

    /// <summary>Lets the far side fail, or work again. Default: it cannot be made to fail, and no case asks for it.</summary>
    protected virtual ValueTask<bool> SetDownAsync(bool down) => ValueTask.FromResult(false);

    /// <summary>Order.</summary>
    [Fact]
    public async Task What_is_sent_arrives_in_order()
    {
        var sink = await OpenAsync();
        for (var i = 0; i < 50; i++)
        {
            Assert.IsType<SinkAnswer.Sent>(await SendAsync(sink, i));
        }

        Assert.Equal(Texts(0, 50), await ReceivedAsync());
    }

    /// <summary>Lanes.</summary>
    [Fact]
    public async Task What_is_sent_at_once_arrives_whole()
    {
        var sink = await OpenAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(async () => await SendAsync(sink, i), Stop)));
        Assert.All(answers, answer => Assert.IsType<SinkAnswer.Sent>(answer));
        Assert.Equal(Texts(0, 64).Order(), (await ReceivedAsync()).Order());
    }

    /// <summary>Repeats.</summary>
    [Fact]
    public async Task A_message_sent_again_is_taken_again_or_recognised()
    {
        var sink = await OpenAsync();
        await SendAsync(sink, 1);
        Assert.IsType<SinkAnswer.Sent>(await SendAsync(sink, 1, attempt: 2));
        Assert.Equal(RecognisesRepeats ? 1 : 2, (await ReceivedAsync()).Count);
    }

    /// <summary>Outage.</summary>
    [Fact]
    public async Task While_the_far_side_is_down_messages_are_to_come_later()
    {
        var sink = await OpenAsync();
        Assert.IsType<SinkAnswer.Sent>(await SendAsync(sink, 0));
        if (!await SetDownAsync(true))
        {
            return;
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.True(await TrySendAsync(sink, 1) is null or SinkAnswer.Later, "an outage is no fault of the message");
        }

        await SetDownAsync(false);
        Assert.IsType<SinkAnswer.Sent>(await SendAsync(sink, 1, attempt: 4));
        Assert.Equal(Texts(0, 2), (await ReceivedAsync()).Distinct());
    }

    /// <summary>Shutdown.</summary>
    [Fact]
    public async Task A_cancelled_try_ends()
    {
        var sink = await OpenAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await stop.CancelAsync();
        var sending = Task.Run(async () => await sink.SendAsync(MessageOf(1, 1), stop.Token), Stop);
        await sending.WaitAsync(Stop).ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.True(sending.IsCompleted, "the try went on after it was cancelled");
        Assert.IsType<SinkAnswer.Sent>(await SendAsync(sink, 2));
    }

    /// <summary>A whole node, stopped and started again.</summary>
    [Fact]
    public async Task Through_a_node_every_message_arrives_in_the_order_of_its_key()
    {
        var sink = await OpenAsync();
        await using var inner = new MemoryBroker(TimeProvider.System);
        await using var broker = new MortalBroker(inner);
        for (var life = 0; life < 2; life++)
        {
            await using var node = await ConnectorNode.StartAsync(broker, sink, Stop);
            var messages = Enumerable.Range(life * 50, 50).Select(i => new Message { Key = MessageKey.FromText($"{i % 5}"), Payload = Encoding.UTF8.GetBytes(Text(i)), ContentType = "application/json" });
            await broker.AppendAsync(new TopicAppend { Topic = "in", Messages = [.. messages] }, Stop);
            await ConnectorNode.HoldsAsync(async () => (await ReceivedAsync()).Distinct().Count() == (life + 1) * 50, Stop);
        }

        var received = (await ReceivedAsync()).Distinct().ToList();
        for (var key = 0; key < 5; key++)
        {
            Assert.Equal(Enumerable.Range(0, 100).Where(i => i % 5 == key).Select(Text), received.Where(text => NumberOf(text) % 5 == key));
        }
    }

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        _patience.Dispose();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    // JSON, so that sinks that need it take it.
    private static string Text(int number) => FormattableString.Invariant($$"""{"text":{{number}}}""");

    private static int NumberOf(string text) => int.Parse(text["{\"text\":".Length..^1], CultureInfo.InvariantCulture);

    private static List<string> Texts(int from, int count) => [.. Enumerable.Range(from, count).Select(Text)];

    private static SinkMessage MessageOf(int number, int attempt) => new(
        new Message
        {
            Id = new MessageId(FormattableString.Invariant($"id-{number}")),
            Key = MessageKey.FromText("key"),
            ContentType = "application/json",
            Payload = Encoding.UTF8.GetBytes(Text(number)),
        },
        FormattableString.Invariant($"id-{number}"),
        attempt);

    private async Task<SinkAnswer> SendAsync(ISinkConnector sink, int number, int attempt = 1) =>
        await sink.SendAsync(MessageOf(number, attempt), Stop).AsTask().WaitAsync(Stop);

    /// <summary>The answer; null if it threw.</summary>
    private async Task<SinkAnswer?> TrySendAsync(ISinkConnector sink, int number)
    {
        try
        {
            return await SendAsync(sink, number);
        }
        catch (Exception failed) when (!Stop.IsCancellationRequested)
        {
            Assert.IsNotType<OperationCanceledException>(failed);
            return null;
        }
    }
}
