using Microsoft.Extensions.Logging;
using Trunkline.Core.Limits;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Flows.Redrives;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Flows;

/// <summary>
/// Carries the messages of one outbox to a sink: a group of its own with its own positions and retries, in order per key, so that
/// a sick sink holds up neither the flow nor another sink.
/// </summary>
internal sealed class RunningSink : IAsyncDisposable
{
    private static readonly TimeSpan EmptyCheckEvery = TimeSpan.FromSeconds(1);

    private readonly FlowEnvironment _environment;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private OutboxPlan _plan;
    private volatile CallLimiter _limiter;
    private volatile FlowRunner _runner;
    private Task _emptying = Task.CompletedTask;

    private RunningSink(FlowEnvironment environment, ILogger log, OutboxPlan plan)
    {
        _environment = environment;
        _log = log;
        _plan = plan;
        _limiter = NewLimiter();
        _runner = NewRunner();
    }

    public string Name => _plan.Sink;

    /// <summary>True once a retired sink's outbox was empty and its runner has ended.</summary>
    public bool IsDone { get; private set; }

    public static RunningSink Start(FlowEnvironment environment, ILogger log, OutboxPlan plan)
    {
        var sink = new RunningSink(environment, log, plan);
        sink._runner.Start();
        return sink;
    }

    public void Switch(OutboxPlan plan)
    {
        _plan = plan;
        if (_limiter.Rule != plan.Breaker)
        {
            // What waits at the older one goes on at once, each message by its own tries.
            _limiter.Dispose();
            _limiter = NewLimiter();
        }

        _runner.Switch(Revision());
    }

    /// <summary>See <see cref="FlowRunner.RedriveAsync"/>.</summary>
    public Task<RedriveResult> RedriveAsync(RedriveOrder order, CancellationToken cancellationToken) => _runner.RedriveAsync(order, cancellationToken);

    public async Task ResumeAsync()
    {
        _limiter.Reset();
        if (_runner.Status().State != FlowState.Failed)
        {
            _runner.Resume();
            return;
        }

        await _runner.DisposeAsync();
        var runner = NewRunner();
        _runner = runner;
        runner.Start();
    }

    /// <summary>See <see cref="FlowRunner.ReopenAsync"/>.</summary>
    public Task ReopenAsync() => _runner.ReopenAsync();

    /// <summary>The sink is in no revision any more: what waits in its outbox is still sent.</summary>
    public void StopWhenEmpty() => _emptying = EmptyAsync();

    public async Task StopAsync(TimeSpan drain)
    {
        await _stopping.CancelAsync();
        await _emptying;
        if (!IsDone)
        {
            // Nothing comes of waiting for a far side that does not answer.
            await _runner.StopAsync(_limiter.Report() is { State: not BreakerState.Closed } ? TimeSpan.Zero : drain);
            IsDone = true;
        }

        await _runner.DisposeAsync();
        _limiter.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        _stopping.Dispose();
    }

    public async Task<SinkSnapshot> SnapshotAsync(CancellationToken cancellationToken)
    {
        var status = _runner.Status();
        return new SinkSnapshot
        {
            Name = Name,
            Kind = _plan.Config.Kind,
            State = status.State,
            Reason = status.Reason,
            Lag = await LagAsync(cancellationToken),
            Delivered = status.Counts.Delivered,
            Retries = status.Counts.Retries,
            DeadLettered = status.Counts.DeadLettered,
            InFlight = status.InFlight,
            Breaker = _limiter.Report(),
        };
    }

    private string Outbox => FlowNames.Outbox(_plan.Flow, _plan.Sink);

    private async Task<long> LagAsync(CancellationToken cancellationToken) =>
        (await FlowLag.OfAsync(_environment.Broker, Outbox, FlowNames.SinkGroup(_plan.Flow, _plan.Sink), cancellationToken)).Lag;

    private async Task EmptyAsync()
    {
        try
        {
            while (await LagAsync(_stopping.Token) > 0)
            {
                await Task.Delay(EmptyCheckEvery, _environment.Time, _stopping.Token);
            }

            await _runner.StopAsync(TimeSpan.Zero);
            IsDone = true;
        }
        catch (OperationCanceledException)
        {
            // The node stops first: the outbox keeps what is left.
        }
        catch (BrokerException failed)
        {
            // The runner goes on sending; only its end is put off to the node's.
            Log.SinkNotEmptied(_log, _plan.Flow, _plan.Sink, failed);
        }
    }

    /// <summary>A sink that keeps refusing makes dead letters, whatever the flow's own policy: its outbox must not stop for one message.</summary>
    private FlowRevision Revision() => new(
        _plan.Revision,
        new LimitedPipelines(_plan.Pipelines, _limiter),
        new FailureRules(_plan.Retry, FailurePolicy.ParkMessage, FlowNames.Dead(_plan.Flow), FlowNames.Effects(_plan.Flow), FlowNames.ParkedAtSink(_plan.Flow, _plan.Sink)),
        [])
    {
        Sink = _plan.Sink,
        Within = _plan.Within,
    };

    private CallLimiter NewLimiter()
    {
        var (flow, sink, failures) = (_plan.Flow, _plan.Sink, _plan.Breaker?.Failures ?? 0);
        return new CallLimiter(new ConcurrencySettings(), _plan.Breaker, _environment.Time, open =>
        {
            SinkMeter.Breaker(flow, sink, open);
            if (open)
            {
                Log.SinkPaused(_log, flow, sink, failures);
            }
            else
            {
                Log.SinkGoesOn(_log, flow, sink);
            }
        });
    }

    private FlowRunner NewRunner() => new(new FlowRunnerOptions
    {
        Flow = _plan.Flow,
        Sink = _plan.Sink,
        Topic = Outbox,
        Store = FlowNames.SinkGroup(_plan.Flow, _plan.Sink),
        OutcomeTopic = OutcomeTopics.Of(_plan.Flow),
        Broker = _environment.Broker,
        Open = cancellationToken => TopicSource.OpenAsync(
            _environment.Broker,
            new SubscribeOptions { Topic = Outbox, Group = FlowNames.SinkGroup(_plan.Flow, _plan.Sink) },
            cancellationToken),
        Revision = Revision(),
        Limits = _environment.Limits.OfSink(),
        Time = _environment.Time,
        Jitter = _environment.Jitter,
        Log = _log,
    });
}
