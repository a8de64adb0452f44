using System.Text;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Server.Connectors;
using Xunit;

namespace Trunkline.Testing.Conformance.Connectors;

/// <summary>
/// The suite every source passes: order, resuming, waiting, back-pressure, shutdown, and at least once through a node that dies. Derive a sealed
/// class, say how to open the source and how its far side gets messages, and xunit runs all cases, each in an empty folder of its own.
/// </summary>
public abstract class SourceConformance : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _patience = new(Patience);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("trunkline-source-");

    /// <summary>An empty folder for this case.</summary>
    protected string Folder => _folder.FullName;

    /// <summary>Cancelled when the case has used up its time.</summary>
    protected CancellationToken Stop => _patience.Token;

    /// <summary>True if a reading ends once everything there was has come, as of a file that does not grow. Default false.</summary>
    protected virtual bool EndsByItself => false;

    /// <summary>The source over the far side of this case; called again where a case reads with a second one.</summary>
    protected abstract ValueTask<ISourceConnector> OpenAsync();

    /// <summary>The far side gets these messages, behind those it has. May be called before the first <see cref="OpenAsync"/>.</summary>
    protected abstract ValueTask FeedAsync(IReadOnlyList<string> texts);

    /// <summary>The text a message was fed with. Default: its payload.</summary>
    protected virtual string TextOf(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Encoding.UTF8.GetString(message.Payload.Span);
    }

    /// <summary>Order, ids and positions.</summary>
    [Fact]
    public async Task Messages_come_in_order_each_with_an_id_and_a_position_of_its_own()
    {
        await FeedAsync(Texts(0, 200));
        var read = await ReadAsync(await OpenAsync(), [], 200);
        Assert.Equal(Texts(0, 200), read.Select(m => TextOf(m.Message)));
        Assert.Equal(200, read.Select(m => m.Position).Distinct().Count());
        Assert.Equal(200, read.Select(m => m.Message.Id.Value).Distinct().Count());
        Assert.All(read, m => Assert.InRange(m.Position.Length, 1, SourceMessage.PositionLengthMax));
    }

    /// <summary>Resuming.</summary>
    [Fact]
    public async Task From_each_position_the_same_messages_come_again()
    {
        await FeedAsync(Texts(0, 40));
        var all = await ReadAsync(await OpenAsync(), [], 40);
        for (var at = 0; at < 39; at += 3)
        {
            var rest = await ReadAsync(await OpenAsync(), all[..(at + 1)], 39 - at);
            Assert.Equal(all.Skip(at + 1).Select(Identity), rest.Select(Identity));
        }
    }

    /// <summary>Waiting.</summary>
    [Fact]
    public async Task A_reading_waits_for_what_comes_later()
    {
        await FeedAsync(Texts(0, 3));
        await using var reading = Read(await OpenAsync(), [], Stop);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await reading.MoveNextAsync().AsTask().WaitAsync(Stop));
        }

        var next = reading.MoveNextAsync().AsTask();
        if (EndsByItself)
        {
            Assert.False(await next.WaitAsync(Stop));
            return;
        }

        await FeedAsync(Texts(3, 2));
        Assert.True(await next.WaitAsync(Stop));
        Assert.Equal(Text(3), TextOf(reading.Current.Message));
        Assert.True(await reading.MoveNextAsync().AsTask().WaitAsync(Stop));
        Assert.Equal(Text(4), TextOf(reading.Current.Message));
    }

    /// <summary>Back-pressure.</summary>
    [Fact]
    public async Task A_reader_that_takes_its_time_gets_everything()
    {
        await FeedAsync(Texts(0, 10));
        await using var reading = Read(await OpenAsync(), [], Stop);
        var read = new List<string>();
        for (var i = 0; i < 500; i++)
        {
            if (i % 100 == 0 && !EndsByItself)
            {
                // More comes while nobody asks.
                await FeedAsync(Texts(10 + i, 100));
            }

            if (!await reading.MoveNextAsync().AsTask().WaitAsync(Stop))
            {
                break;
            }

            read.Add(TextOf(reading.Current.Message));
        }

        Assert.Equal(Texts(0, EndsByItself ? 10 : 500), read);
    }

    /// <summary>Shutdown.</summary>
    [Fact]
    public async Task A_cancelled_reading_ends_whether_it_waits_or_not()
    {
        await FeedAsync(Texts(0, 50));
        foreach (var taken in new[] { 1, 50 })
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var reading = Read(await OpenAsync(), [], stop.Token);
            for (var i = 0; i < taken; i++)
            {
                Assert.True(await reading.MoveNextAsync().AsTask().WaitAsync(Stop));
            }

            var next = reading.MoveNextAsync().AsTask();
            await stop.CancelAsync();
            await next.WaitAsync(Stop).ContinueWith(static _ => { }, TaskScheduler.Default);
            Assert.True(next.IsCompleted, "the reading went on after it was cancelled");
            await reading.DisposeAsync().AsTask().WaitAsync(Stop);
        }
    }

    /// <summary>At least once, and once in what is committed.</summary>
    [Fact]
    public async Task Through_a_node_that_dies_each_message_comes_once_and_in_order()
    {
        await FeedAsync(Texts(0, 300));
        await using var inner = new MemoryBroker(TimeProvider.System);
        await using var mortal = new MortalBroker(inner);
        foreach (var commits in new[] { 1, 2, 0 })
        {
            mortal.DieAfter(commits);
            await using var doomed = await ConnectorNode.StartAsync(mortal, await OpenAsync(), Stop);

            // Or all went into fewer commits than that.
            await await Task.WhenAny(mortal.Died, ConnectorNode.HoldsAsync(mortal, "out", 300, Stop));
        }

        mortal.Live();
        await using var node = await ConnectorNode.StartAsync(mortal, await OpenAsync(), Stop);
        await ConnectorNode.HoldsAsync(mortal, "out", 300, Stop);
        var expected = EndsByItself ? 300 : 400;
        if (!EndsByItself)
        {
            await FeedAsync(Texts(300, 100));
        }

        var messages = await ConnectorNode.HoldsAsync(mortal, "out", expected, Stop);
        Assert.Equal(Texts(0, expected), messages.Select(m => TextOf(m.Message)));
    }

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        _patience.Dispose();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private static string Text(int number) => FormattableString.Invariant($"message {number}");

    private static List<string> Texts(int from, int count) => [.. Enumerable.Range(from, count).Select(Text)];

    private static (string Id, string Position) Identity(SourceMessage message) => (message.Message.Id.Value, message.Position);

    /// <summary>Reads on behind what was read before.</summary>
    private static IAsyncEnumerator<SourceMessage> Read(ISourceConnector source, IReadOnlyList<SourceMessage> before, CancellationToken cancellationToken)
    {
        var parts = before.GroupBy(message => message.Part, StringComparer.Ordinal).ToDictionary(part => part.Key, part => part.Last().Position, StringComparer.Ordinal);
        parts.Remove("", out var position);
        return source.ReadAsync(new SourceStart("conformance", position, TimeProvider.System) { Parts = parts }, cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    private async Task<List<SourceMessage>> ReadAsync(ISourceConnector source, IReadOnlyList<SourceMessage> before, int count)
    {
        var read = new List<SourceMessage>();
        await using var reading = Read(source, before, Stop);
        while (read.Count < count)
        {
            Assert.True(await reading.MoveNextAsync().AsTask().WaitAsync(Stop), $"the reading ended after {read.Count} of {count} messages");
            read.Add(reading.Current);
        }

        return read;
    }
}
