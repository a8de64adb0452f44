using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Tests.Flows;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Connectors.Kit;

/// <summary>What the node does for a source of the host's own.</summary>
public sealed class ConnectorSourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_done_ahead_of_a_message_that_hangs_does_not_come_again()
    {
        var (source, ran) = (new ListSource(100), new List<string>());
        await using var fixture = new SupervisorFixture { Connectors = With(source) };
        var plain = fixture.Steps;
        var hang = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        fixture.Steps = (config, revision) => async (input, cancellationToken) =>
        {
            var text = Encoding.UTF8.GetString(input.Stored.Message.Payload.Span);
            lock (ran)
            {
                ran.Add(text);
            }

            if (text == "10")
            {
                await hang.Task.WaitAsync(cancellationToken);
            }

            return await plain(config, revision)(input, cancellationToken);
        };
        var project = Project(Flow("f", new UseSourceConfig("list", default), ToTopic()));
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(project, 1, Cancel);
        await fixture.HoldsAsync("out", 99);
        await supervisor.StopAsync(TimeSpan.Zero);
        hang.SetResult();

        var next = fixture.Start();
        await next.ApplyAsync(project, 1, Cancel);
        await fixture.HoldsAsync("out", 100);
        source.More(1);
        await fixture.HoldsAsync("out", 101);
        Assert.Equal(102, ran.Count);
        Assert.Equal(["10"], ran.GroupBy(text => text).Where(group => group.Count() > 1).Select(group => group.Key));

        // Nothing is kept of what is below the position.
        await Eventually.HoldsAsync(
            async () => await fixture.Broker.ScanStateAsync("source.f", 0, default, Cancel).CountAsync(Cancel) == 1, "only the position is left");
    }

    [Fact]
    public async Task A_source_that_throws_is_told_and_read_on()
    {
        var source = new ListSource(10) { FailsAfter = 3 };
        await using var fixture = new SupervisorFixture { Connectors = With(source) };
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", new UseSourceConfig("list", default), ToTopic())), 1, Cancel);
        await Eventually.HoldsAsync(async () => (await supervisor.SnapshotAsync("f", Cancel))!.Reason == "the list is away", "the reason is told");
        await fixture.HoldsAsync("out", 10);
        Assert.Equal(10, (await fixture.ReadAsync("out")).Count);
        await Eventually.HoldsAsync(async () => (await supervisor.SnapshotAsync("f", Cancel))!.Reason is null, "all is well again");
    }

    [Fact]
    public async Task The_source_hears_of_each_message_once_it_is_durable()
    {
        var source = new ListSource(50);
        await using var fixture = new SupervisorFixture { Connectors = With(source) };
        await fixture.Start().ApplyAsync(Project(Flow("f", new UseSourceConfig("list", default), ToTopic())), 1, Cancel);
        await Eventually.HoldsAsync(() => source.Told.Count == 50, "all were told");
        Assert.Equal(50, (await fixture.ReadAsync("out")).Count);
        Assert.Equal(50, source.Told.Distinct().Count());
    }

    [Fact]
    public async Task A_source_or_sink_the_host_does_not_have_refuses_the_revision()
    {
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        var source = await Assert.ThrowsAsync<ArgumentException>(() => supervisor.ApplyAsync(Project(Flow("f", new UseSourceConfig("none", default), ToTopic())), 1, Cancel));
        Assert.Contains("no source 'none'", source.Message, StringComparison.Ordinal);
        var sink = await Assert.ThrowsAsync<ArgumentException>(
            () => supervisor.ApplyAsync(Project(Flow("f", FromTopic(), new UseSinkConfig("s", "none", default))), 1, Cancel));
        Assert.Contains("no sink 'none'", sink.Message, StringComparison.Ordinal);
    }

    private static HostConnectors With(ListSource source) => HostConnectors.None with { Sources = new Dictionary<string, ISourceConnector> { ["list"] = source } };

    /// <summary>Numbers; waits at the end for more.</summary>
    private sealed class ListSource(int count) : ISourceConnector
    {
        private readonly Channel<int> _more = Channel.CreateUnbounded<int>();
        private int _count = count;

        public int? FailsAfter { get; set; }

        public System.Collections.Concurrent.ConcurrentQueue<string> Told { get; } = new();

        public void More(int more)
        {
            _count += more;
            _more.Writer.TryWrite(more);
        }

        public async IAsyncEnumerable<SourceMessage> ReadAsync(SourceStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var i = start.Position is { } last ? int.Parse(last, System.Globalization.CultureInfo.InvariantCulture) + 1 : 0; ; i++)
            {
                if (i == FailsAfter)
                {
                    FailsAfter = null;
                    throw new ConnectorException("the list is away");
                }

                while (i >= _count)
                {
                    await _more.Reader.WaitToReadAsync(cancellationToken);
                    _more.Reader.TryRead(out _);
                }

                var text = FormattableString.Invariant($"{i}");
                yield return new SourceMessage(new Message { Id = new MessageId("n" + text), Key = MessageKey.FromText(text), Payload = Encoding.UTF8.GetBytes(text) }, text)
                {
                    Committed = () => Told.Enqueue(text),
                };
            }
        }
    }
}
