using Microsoft.Extensions.Logging;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows.Contracts;
using Trunkline.Server.Flows.Redrives;

namespace Trunkline.Server.Flows;

/// <summary>
/// Runs the flows of the revision in force. A revision takes effect as a whole: what can fail (pipelines, topics) is done before
/// anything changes. Subscriptions go on over a switch; messages that have begun finish on their revision. Thread-safe.
/// </summary>
internal sealed class FlowSupervisor(FlowEnvironment environment) : IAsyncDisposable
{
    /// <summary>How long work may take to finish when the node stops or a flow is removed.</summary>
    public static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly FlowTopics _topics = new(environment.Broker);
    private readonly ILogger _log = environment.Logs.CreateLogger("Trunkline.Flows");
    private Task _retiring = Task.CompletedTask;
    private volatile IReadOnlyDictionary<string, RunningFlow> _flows = new Dictionary<string, RunningFlow>();
    private volatile IReadOnlyDictionary<string, TopicContract> _contracts = new Dictionary<string, TopicContract>();
    private RevisionPipelines? _pipelines;
    private bool _stopped;
    private bool _disposed;

    /// <summary>The revision in force; 0 before the first.</summary>
    public int Revision { get; private set; }

    /// <summary>
    /// Puts a revision in force. Throws what building pipelines or creating topics throws, and then the older revision goes on as it was.
    /// </summary>
    /// <param name="project">The project, checked.</param>
    /// <param name="revision">Its number.</param>
    /// <param name="cancellationToken">Ends the preparation; not the switch once begun.</param>
    public async Task ApplyAsync(ProjectConfig project, int revision, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            var pipelines = await environment.Pipelines(project, revision, cancellationToken);
            var contracts = TopicContract.Of(project, environment.Contracts);
            var plans = new Dictionary<string, FlowPlan>(StringComparer.Ordinal);
            try
            {
                await _topics.CreateAsync(project, cancellationToken);
                foreach (var flow in project.Flows.Values)
                {
                    plans.Add(flow.Name, await FlowPlan.PrepareAsync(environment, flow, new RevisionParts(revision, pipelines, contracts), cancellationToken));
                }
            }
            catch
            {
                await pipelines.DisposeAsync();
                throw;
            }

            await SwitchAsync(plans, pipelines, revision);
            _contracts = contracts;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The flow takes no new messages until resumed, over restarts too; false if there is no such flow.</summary>
    public async Task<bool> PauseAsync(string flow, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_flows.TryGetValue(flow, out var running))
            {
                return false;
            }

            running.Pause();
            await FlowPause.KeepAsync(environment.Broker, flow, true, cancellationToken);
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The flow goes on, also after a failure or where its policy stopped it; false if there is no such flow.</summary>
    public async Task<bool> ResumeAsync(string flow, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_flows.TryGetValue(flow, out var running))
            {
                return false;
            }

            await FlowPause.KeepAsync(environment.Broker, flow, false, cancellationToken);
            await running.ResumeAsync();
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs what waits behind a parked key, in order, and opens the key; <see cref="KeyReleaseResult.NotParked"/> also if there is no such flow.</summary>
    public async Task<KeyReleaseResult> ReleaseKeyAsync(string flow, KeyReleaseOrder order, CancellationToken cancellationToken) =>
        _flows.TryGetValue(flow, out var running) ? await running.ReleaseAsync(order, cancellationToken) : KeyReleaseResult.NotParked;

    /// <summary>Runs the message of a dead letter again; completes when what became of it is durable.</summary>
    public Task<RedriveResult> RedriveAsync(RedriveOrder order, CancellationToken cancellationToken) =>
        order.IsOfTopic ? TopicRedrive.RunAsync(environment, _contracts.GetValueOrDefault(order.Flow), order, cancellationToken)
        : _flows.TryGetValue(order.Flow, out var running) ? running.RedriveAsync(order, cancellationToken)
        : Task.FromResult(RedriveResult.NoFlow);

    /// <summary>Whether a flow, or a topic with dead letters of its own, takes messages; null if there is no such one.</summary>
    public FlowState? StateOf(string flow) =>
        _flows.TryGetValue(flow, out var running) ? running.State : _contracts.ContainsKey(flow) ? FlowState.Running : null;

    /// <summary>What the messages of a topic are held to by the revision in force; null for nothing.</summary>
    public TopicContract? ContractOf(string topic) => _contracts.GetValueOrDefault(topic);

    /// <summary>Where a flow reads, as its dead letters name it; null if there is no such flow.</summary>
    public string? SourceOf(string flow) => _flows.TryGetValue(flow, out var running) ? running.Source : null;

    /// <summary>Waits until a paused flow has nothing in hand and its sinks have everything, for at most the given time.</summary>
    public async Task<FlowDrain> DrainAsync(string flow, TimeSpan bound, CancellationToken cancellationToken) =>
        _flows.TryGetValue(flow, out var running) ? await FlowDrain.WaitAsync(running, bound, environment.Time, cancellationToken) : default;

    /// <summary>Forgets what a flow remembers of a key, in order with its messages; false if that is nothing, null if there is no such flow.</summary>
    public async Task<bool?> DropStateAsync(string flow, MessageKey key, CancellationToken cancellationToken) =>
        _flows.TryGetValue(flow, out var running) ? await running.DropStateAsync(key, cancellationToken) : null;

    /// <summary>The parked keys of a flow, at most so many; none if there is no such flow.</summary>
    public IReadOnlyList<ParkedKeySnapshot> ParkedKeys(string flow, int max) => _flows.TryGetValue(flow, out var running) ? running.Parked(max) : [];

    /// <summary>
    /// Everything flows and sinks have read from topics and not committed is dropped and read again: what was erased meanwhile does not
    /// come again.
    /// </summary>
    public Task ReopenAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_flows.Values.Select(flow => flow.ReopenAsync())).WaitAsync(cancellationToken);

    /// <summary>How all flows stand, by name.</summary>
    public async Task<IReadOnlyList<FlowSnapshot>> SnapshotAsync(CancellationToken cancellationToken)
    {
        var snapshots = await Task.WhenAll(_flows.Values.Select(flow => flow.SnapshotAsync(cancellationToken)));
        Array.Sort(snapshots, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return snapshots;
    }

    /// <summary>How one flow stands; null if there is no such flow.</summary>
    public async Task<FlowSnapshot?> SnapshotAsync(string flow, CancellationToken cancellationToken) =>
        _flows.TryGetValue(flow, out var running) ? await running.SnapshotAsync(cancellationToken) : null;

    /// <summary>Stops all flows at once, letting work finish for at most the given time. Idempotent.</summary>
    public async Task StopAsync(TimeSpan drain)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
            await Task.WhenAll(_flows.Values.Select(f => f.StopAsync(drain)));
            _flows = new Dictionary<string, RunningFlow>();
            await _retiring;
            if (_pipelines is not null)
            {
                await _pipelines.DisposeAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Owned by more than one container of a host: disposing twice is harmless.
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            await StopAsync(DrainMax);
            _gate.Dispose();
        }
    }

    private async Task SwitchAsync(Dictionary<string, FlowPlan> plans, RevisionPipelines pipelines, int revision)
    {
        var next = new Dictionary<string, RunningFlow>(StringComparer.Ordinal);
        if (_pipelines?.Models is { } withdrawn && pipelines.Models is { } serving)
        {
            withdrawn.HandOver(serving);
        }

        var drained = new List<Task>();
        var current = _flows;

        // Flows whose source is free now first: a new flow may take the source, or the group, of one that goes.
        var leaving = current.Values.Where(f => !plans.TryGetValue(f.Config.Name, out var plan) || !f.CanSwitchTo(plan.Config)).ToArray();
        await Task.WhenAll(leaving.Select(f => f.StopAsync(DrainMax)));
        foreach (var (name, plan) in plans)
        {
            if (current.TryGetValue(name, out var running) && !leaving.Contains(running))
            {
                drained.Add(await running.SwitchAsync(plan));
                next.Add(name, running);
            }
            else
            {
                next.Add(name, RunningFlow.Start(environment, plan));
            }
        }

        _flows = next;
        Revision = revision;
        if (_pipelines is { } old)
        {
            _retiring = RetireAsync(old, drained, _retiring);
        }

        _pipelines = pipelines;
        Log.RevisionInForce(_log, revision, next.Count);
    }

    /// <summary>
    /// What a revision was built on goes when its last message is through, and those of the revisions before: they may call its models.
    /// </summary>
    private static async Task RetireAsync(RevisionPipelines pipelines, List<Task> drained, Task earlier)
    {
        await earlier;
        await Task.WhenAll(drained);
        await pipelines.DisposeAsync();
    }
}
