using Microsoft.Extensions.Logging;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows.Redrives;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Flows;

/// <summary>
/// One flow on this node: its own runner, and one for each sink that is no topic. Changed only under the lock of
/// <see cref="FlowSupervisor"/>; status may be read at any time.
/// </summary>
internal sealed class RunningFlow
{
    private readonly FlowEnvironment _environment;
    private readonly ILogger _log;
    private readonly List<RunningSink> _retired = [];
    private readonly FlowRates _rates;
    private volatile FlowRunner _runner;
    private volatile IReadOnlyList<RunningSink> _sinks = [];
    private FlowRevision _revision;

    private RunningFlow(FlowEnvironment environment, FlowPlan plan)
    {
        _environment = environment;
        _log = environment.Logs.CreateLogger("Trunkline.Flows");
        _rates = new FlowRates(environment.Time);
        Config = plan.Config;
        _revision = plan.Revision;
        _runner = NewRunner();
    }

    public FlowConfig Config { get; private set; }

    /// <summary>Starts a flow; its topics exist.</summary>
    public static RunningFlow Start(FlowEnvironment environment, FlowPlan plan)
    {
        var flow = new RunningFlow(environment, plan);
        flow.SetSinks(plan);
        if (plan.IsPaused)
        {
            flow._runner.Pause();
        }

        flow._runner.Start();
        return flow;
    }

    /// <summary>True if another configuration reads the same source, so that it can take over without a stop.</summary>
    public bool CanSwitchTo(FlowConfig config) => Config.From.IsSame(config.From);

    /// <summary>New messages take the new pipelines. Gives what completes when the older revision's last message is through.</summary>
    public async Task<Task> SwitchAsync(FlowPlan plan)
    {
        var old = _revision;
        Config = plan.Config;
        _revision = plan.Revision;
        SetSinks(plan);
        if (_runner.Status().State == FlowState.Failed)
        {
            await RestartAsync();
        }
        else
        {
            _runner.Switch(plan.Revision);
        }

        return old.Drained;
    }

    public void Pause() => _runner.Pause();

    /// <summary>See <see cref="FlowRunner.ReleaseAsync"/>.</summary>
    public Task<KeyReleaseResult> ReleaseAsync(KeyReleaseOrder order, CancellationToken cancellationToken) => _runner.ReleaseAsync(order, cancellationToken);

    /// <summary>Runs the message of a dead letter again: in the flow, or at the sink that refused it.</summary>
    public Task<RedriveResult> RedriveAsync(RedriveOrder order, CancellationToken cancellationToken)
    {
        if (_sinks.FirstOrDefault(s => FlowNames.Outbox(Config.Name, s.Name) == order.Topic) is { } sink)
        {
            return sink.RedriveAsync(order, cancellationToken);
        }

        return FlowNames.IsOutbox(order.Topic) ? Task.FromResult(RedriveResult.NoFlow) : _runner.RedriveAsync(order, cancellationToken);
    }

    /// <summary>Whether it works.</summary>
    public FlowState State => _runner.Status().State;

    /// <summary>Where the flow reads, as its dead letters name it.</summary>
    public string Source => Config.From.Origin(Config.Name);

    /// <summary>See <see cref="FlowRunner.DropStateAsync"/>.</summary>
    public Task<bool> DropStateAsync(MessageKey key, CancellationToken cancellationToken) => _runner.DropStateAsync(key, cancellationToken);

    /// <summary>The parked keys, at most so many.</summary>
    public IReadOnlyList<ParkedKeySnapshot> Parked(int max) => _runner.Parked(max);

    /// <summary>Everything read from topics and not committed is dropped and read again, by the flow and its sinks.</summary>
    public Task ReopenAsync() => Task.WhenAll(
        _sinks.Concat(_retired).Select(sink => sink.ReopenAsync()).Append(Config.From is TopicSourceConfig ? _runner.ReopenAsync() : Task.CompletedTask));

    /// <summary>Goes on, whatever it was that stopped the flow or a sink of it.</summary>
    public async Task ResumeAsync()
    {
        if (_runner.Status().State == FlowState.Failed)
        {
            await RestartAsync();
        }
        else
        {
            _runner.Resume();
        }

        foreach (var sink in _sinks)
        {
            await sink.ResumeAsync();
        }
    }

    /// <summary>Stops taking messages, lets those at work finish for at most the given time.</summary>
    public async Task StopAsync(TimeSpan drain)
    {
        await _runner.StopAsync(drain);
        FlowSources.Close(_environment, Config.From);

        await Task.WhenAll(_sinks.Concat(_retired).Select(s => s.StopAsync(drain)));
    }

    public async Task<FlowSnapshot> SnapshotAsync(CancellationToken cancellationToken)
    {
        var status = _runner.Status();
        var (lag, oldest) = await FlowLag.OfAsync(_environment.Broker, Config.From, cancellationToken);
        var sinks = new List<SinkSnapshot>();
        foreach (var sink in _sinks)
        {
            sinks.Add(await sink.SnapshotAsync(cancellationToken));
        }

        var (perSecondIn, perSecondDone) = _rates.Of(status.Counts);
        return new FlowSnapshot
        {
            Name = Config.Name,
            State = status.State,
            Reason = status.Reason,
            Revision = status.Revision,
            Source = Config.From.Shown,
            Topic = (Config.From as TopicSourceConfig)?.Topic,
            Group = (Config.From as TopicSourceConfig)?.Group,
            Lag = lag,
            OldestAppendedAt = oldest,
            InFlight = status.InFlight,
            HeldBack = status.HeldBack,
            ParkedKeys = status.ParkedKeys,
            Delayed = status.Delayed,
            Timers = status.Timers,
            IsTimerDue = status.IsTimerDue,
            Counts = status.Counts,
            InPerSecond = perSecondIn,
            DonePerSecond = perSecondDone,
            Stopped = status.Stopped,
            Sinks = sinks,
        };
    }

    private async Task RestartAsync()
    {
        await _runner.DisposeAsync();
        _revision = _revision.Again();
        var runner = NewRunner();
        _runner = runner;
        runner.Start();
    }

    private FlowRunner NewRunner() => new(new FlowRunnerOptions
    {
        Flow = Config.Name,
        Topic = Source,
        ReadsTopic = Config.From is TopicSourceConfig,
        Store = FlowNames.FlowStore(Config.Name),
        OutcomeTopic = OutcomeTopics.Of(Config.Name),
        Broker = _environment.Broker,
        Open = cancellationToken => FlowSources.OpenAsync(_environment, Config, _log, cancellationToken),
        Revision = _revision,
        Limits = _environment.Limits,
        Time = _environment.Time,
        Jitter = _environment.Jitter,
        Log = _log,
    });

    /// <summary>Sinks kept go on with the new settings; one that is gone goes on until its outbox is empty.</summary>
    private void SetSinks(FlowPlan plan)
    {
        var sinks = new List<RunningSink>();
        foreach (var outbox in plan.Outboxes)
        {
            if (_sinks.FirstOrDefault(s => s.Name == outbox.Sink) is { } kept)
            {
                kept.Switch(outbox);
                sinks.Add(kept);
            }
            else
            {
                sinks.Add(RunningSink.Start(_environment, _log, outbox));
            }
        }

        _retired.RemoveAll(r => r.IsDone);
        foreach (var gone in _sinks.Where(s => !sinks.Contains(s)))
        {
            gone.StopWhenEmpty();
            _retired.Add(gone);
        }

        _sinks = sinks;
    }
}
