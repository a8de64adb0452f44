using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Http;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;

namespace Trunkline.Server.FlowTests;

/// <summary>Runs one test: the real flow on a broker in memory, its clock moved as soon as nothing but time is waited for.</summary>
/// <param name="test">The test.</param>
/// <param name="project">Its project, cut to the flow.</param>
/// <param name="models">The models it calls.</param>
/// <param name="coverage">Told what ran.</param>
internal sealed class FlowTestBench(FlowTestCase test, ProjectConfig project, ModelSet models, FlowCoverage coverage) : IAsyncDisposable
{
    /// <summary>Bound on one test, in this machine's time.</summary>
    public static readonly TimeSpan DurationMax = TimeSpan.FromSeconds(60);

    // The clock is moved only while nothing runs, and at most this often without anything coming of it.
    private const int MovesMax = 400;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    // Counted in looks, not in time: a machine that is too busy to go on with the flow is too busy to look, too.
    private const int StillLooks = 25;

    // Without a timer only a busy machine can keep work from going on; after this it is not that.
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(15);

    private readonly VirtualClock _clock = new(FlowTestReader.TimeDefault);
    private readonly PipelineActivity _activity = new();
    private readonly HttpClient _http = new(new NoNetwork());
    private MemoryBroker? _broker;
    private Func<Message, ValueTask<IReadOnlyList<Appended>>> _send = _ => throw new InvalidOperationException("the test has not begun");
    private int _sent;

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="TimeoutException">It came to none.</exception>
    public async Task<FlowTestResult> RunAsync(CancellationToken cancellationToken)
    {
        var broker = _broker = new MemoryBroker(_clock);
        var effects = new ScriptedEffects(test.Effects, IsLocal, _clock);
        await new FlowTopics(broker).CreateAsync(project, cancellationToken).ConfigureAwait(false);
        var flow = project.Flows.Values.Single();
        var topic = ((TopicSourceConfig)flow.From).Topic;
        foreach (var after in test.SentAfter.Where(after => after > TimeSpan.Zero).Distinct())
        {
            // The clock stops there, so that the message is sent at its time.
            _ = _clock.CreateTimer(static _ => { }, null, after, Timeout.InfiniteTimeSpan);
        }

        _send = message => broker.AppendAsync(new TopicAppend { Topic = topic, Messages = [message] }, cancellationToken);
        await SendDueAsync().ConfigureAwait(false);

        var started = Stopwatch.GetTimestamp();
        var settled = false;
        for (var crashed = true; crashed;)
        {
            var supervisor = new FlowSupervisor(Environment(broker, effects));
            await using (supervisor.ConfigureAwait(false))
            {
                await supervisor.ApplyAsync(project, 1, cancellationToken).ConfigureAwait(false);
                settled = await SettleAsync(supervisor, effects, started, cancellationToken).ConfigureAwait(false);
                crashed = effects.Crash.IsCompleted;

                // No drain: what is not committed is lost, as it is when the process ends.
                await supervisor.StopAsync(TimeSpan.Zero).ConfigureAwait(false);
                effects.Restarted();
            }
        }

        return await CollectAsync(broker, flow, effects, settled, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_broker is { } broker)
        {
            await broker.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Until all is done, or the process is to end: true; or until nothing more comes, however long one waits: false.</summary>
    private async Task<bool> SettleAsync(FlowSupervisor supervisor, ScriptedEffects effects, long started, CancellationToken cancellationToken)
    {
        var (seen, stirred, looks, moves) = (default(Standing), Stopwatch.GetTimestamp(), 0, 0);
        while (!effects.Crash.IsCompleted)
        {
            await SendDueAsync().ConfigureAwait(false);
            var now = await StandingAsync(supervisor, cancellationToken).ConfigureAwait(false);
            var isDone = now.IsDone && _sent == test.Sent.Count;
            if (isDone || now.HasFailed)
            {
                return isDone;
            }

            if (now != seen)
            {
                moves = now.Progress == seen.Progress ? moves : 0;
                (seen, stirred, looks) = (now, Stopwatch.GetTimestamp(), 0);
            }

            // Either all that is left waits for the clock, or nothing has stirred for a while: then something else does.
            var still = ++looks > StillLooks;
            if (effects.Running == 0 && _activity.Running == 0 && (now.OnlyWaits || still))
            {
                var noTimer = !_clock.MoveToNextTimer();
                (moves, looks) = (noTimer ? moves : moves + 1, 0);
                if (moves > MovesMax || (now.HasStopped && still) || (noTimer && Stopwatch.GetElapsedTime(stirred) > StuckAfter))
                {
                    return false;
                }
            }

            if (Stopwatch.GetElapsedTime(started) > DurationMax)
            {
                throw new TimeoutException($"It did not come to an end within {DurationMax.TotalSeconds:0} s.");
            }

            await Task.Delay(Look, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Sends what the clock has come to.</summary>
    private async Task SendDueAsync()
    {
        for (; _sent < test.Sent.Count && test.SentAfter[_sent] <= _clock.Elapsed; _sent++)
        {
            await _send(test.Sent[_sent]).ConfigureAwait(false);
        }
    }

    private static async Task<Standing> StandingAsync(FlowSupervisor supervisor, CancellationToken cancellationToken)
    {
        var flow = (await supervisor.SnapshotAsync(cancellationToken).ConfigureAwait(false)).Single();
        var counts = flow.Counts;
        var progress = counts.Delivered + counts.Filtered + counts.DeadLettered + counts.Retries
            + flow.Sinks.Sum(s => s.Delivered + s.DeadLettered + s.Retries);
        var sinksLag = flow.Sinks.Sum(s => s.Lag);
        var onlyWaits = flow.InFlight == flow.HeldBack && flow.Lag == flow.InFlight && sinksLag == 0 && !flow.IsTimerDue;
        return new Standing(
            progress, flow.Lag ?? 0, flow.Timers, sinksLag, flow.InFlight, flow.HeldBack, onlyWaits, flow.State == FlowState.Failed, flow.Stopped.Count > 0);
    }

    private FlowEnvironment Environment(MemoryBroker broker, ScriptedEffects effects)
    {
        var port = new EffectPort(effects.InterceptAsync);
        var services = new PipelineServices(port, models, StandIns.StepsOf(test.Flow), _clock);
        return new FlowEnvironment
        {
            Broker = broker,
            Time = _clock,
            Logs = NullLoggerFactory.Instance,
            Effects = port,
            Http = _http,
            Intakes = new HttpIntakes(),
            Connectors = StandIns.ConnectorsOf(test.Flow),
            Jitter = () => 0,
            Pipelines = (config, revision, _) => new(new RevisionPipelines(
                config.Flows.Values.ToDictionary(
                    flow => flow.Name,
                    flow => (IPipelineFactory)new ObservedPipelines(new ProjectPipelineFactory(flow, "test", services), coverage, _activity)),
                null)),
        };
    }

    private bool IsLocal(string model) => LocalModels.Has(project, model);

    private async Task<FlowTestResult> CollectAsync(
        MemoryBroker broker, FlowConfig flow, ScriptedEffects effects, bool settled, CancellationToken cancellationToken)
    {
        var sinks = new Dictionary<string, IReadOnlyList<StoredMessage>>(StringComparer.Ordinal);
        var outboxes = new Dictionary<string, IReadOnlyList<StoredMessage>>(StringComparer.Ordinal);
        foreach (var sink in flow.Branches.SelectMany(b => b.To))
        {
            if (sink is TopicSinkConfig own)
            {
                sinks[sink.Name] = await ReadAsync(broker, own.Topic, flow.Name, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var outbox = FlowNames.Outbox(flow.Name, sink.Name);
            outboxes[outbox] = await ReadAsync(broker, outbox, flow.Name, cancellationToken).ConfigureAwait(false);
            sinks[sink.Name] = [.. outboxes[outbox].Where(m => effects.Accepted(sink.Name, SentId.Of(m.Message)))];
        }

        return new FlowTestResult
        {
            Settled = settled,
            Results = _activity.Last,
            Sinks = sinks,
            Dead = await ReadAsync(broker, FlowNames.Dead(flow.Name), null, cancellationToken).ConfigureAwait(false),
            Origins = new MessageOrigins(((TopicSourceConfig)flow.From).Topic, test.Sent, outboxes),
            Unanswered = effects.Unanswered,
            Unused = [.. effects.Unused.Where(rule => rule is { Fault: not null, OfFile: false })],
            FlowTime = _clock.Elapsed,
        };
    }

    /// <summary>What a topic holds, of the given flow only: a flow may write to the topic it reads.</summary>
    private static async Task<IReadOnlyList<StoredMessage>> ReadAsync(MemoryBroker broker, string topic, string? flow, CancellationToken cancellationToken)
    {
        var all = new List<StoredMessage>();
        foreach (var partition in (await broker.DescribeTopicAsync(topic, cancellationToken).ConfigureAwait(false)).Partitions)
        {
            for (var next = partition.LowOffset; next < partition.HighOffset;)
            {
                var read = await broker.ReadAsync(new ReadRequest(topic, partition.Partition, next, 1000), cancellationToken).ConfigureAwait(false);
                all.AddRange(read.Where(m => flow is null || m.Message.Headers.Text(HeaderNames.Flow) == flow));
                next = read.Count == 0 ? partition.HighOffset : read[^1].Position.Offset + 1;
            }
        }

        return all;
    }

    /// <summary>How the flow stands: what came of messages so far, what is left, and whether it only waits for the clock.</summary>
    private readonly record struct Standing(long Progress, long Lag, int Timers, long SinksLag, int InFlight, int HeldBack, bool OnlyWaits, bool HasFailed, bool HasStopped)
    {
        public bool IsDone => Lag == 0 && Timers == 0 && SinksLag == 0 && InFlight == 0;
    }

    /// <summary>Nothing of a test goes over the network; the effect port answers before this is asked.</summary>
    private sealed class NoNetwork : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("a test of a flow tried to reach the network");
    }
}
