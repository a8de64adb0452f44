using System.Text.Json;
using Trunkline.Client.Api;
using Trunkline.Messaging.Brokers;
using Trunkline.Models;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Replays;

/// <summary>
/// The node's replays, over the compacted topic <c>trunkline.replays</c>. They run in the background, at most <see cref="RunningMax"/> at once; one that
/// ran when the node ended goes on when it starts. Thread-safe.
/// </summary>
internal sealed class ReplayJobs : IAsyncDisposable
{
    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.replays";

    /// <summary>Replays that run at once.</summary>
    public const int RunningMax = 2;

    /// <summary>Replays that are listed.</summary>
    public const int ListedMax = 200;

    private readonly ReplayEnvironment _environment;
    private readonly InternalTopic _topic;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, Job> _jobs = new(StringComparer.Ordinal);

    private ReplayJobs(ReplayEnvironment environment) =>
        (_environment, _topic) = (environment, new InternalTopic(environment.Broker, TopicName, compacted: true));

    /// <summary>The newest replays, newest first.</summary>
    public IReadOnlyList<ReplayView> Views
    {
        get
        {
            lock (_gate)
            {
                return [.. _jobs.Values.Select(job => job.Record.View).OrderByDescending(view => view.StartedAt).ThenByDescending(view => view.Id, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Reads what is known, and goes on with what ran.</summary>
    public static async Task<ReplayJobs> OpenAsync(ReplayEnvironment environment, CancellationToken cancellationToken)
    {
        var jobs = new ReplayJobs(environment);
        await jobs._topic.EnsureAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var message in jobs._topic.ReadAsync(0, cancellationToken).ConfigureAwait(false))
        {
            var record = jobs._topic.Value(message, ReplayJson.Default.ReplayRecord);
            jobs._jobs[record.View.Id] = new Job(record);
        }

        jobs.DropOldest();
        foreach (var job in jobs._jobs.Values.Where(job => job.Record.View.State == ReplayStates.Running).ToArray())
        {
            job.Record = job.Record with { View = job.Record.View with { Restarts = job.Record.View.Restarts + 1 } };
            jobs.Run(job);
        }

        return jobs;
    }

    /// <summary>A replay; null if there is none of that id.</summary>
    public ReplayView? Find(string id)
    {
        lock (_gate)
        {
            return _jobs.GetValueOrDefault(id)?.Record.View;
        }
    }

    /// <summary>Starts a replay; null if too many run. Durable when it returns.</summary>
    public async Task<ReplayView?> StartAsync(ReplayPlan plan, IReadOnlyList<ReplayPart> parts, string who, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (RunningCount() >= RunningMax)
            {
                return null;
            }

            var now = _environment.Time.GetUtcNow();
            var view = new ReplayView($"replay-{Guid.CreateVersion7(now):N}", plan.Flow, plan.Topic, plan.Revision, ReplayStates.Running, now, who)
            {
                Total = parts.Sum(part => part.End - part.Next),
                AsideIn = plan.Aside ? Flows.FlowNames.Replay(plan.Flow) : null,
            };
            var job = new Job(new ReplayRecord(plan, parts, view));
            await StoreAsync(job.Record, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                _jobs.Add(view.Id, job);
            }

            DropOldest();
            Run(job);
            return view;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets a replay stop after the unit it is at; null if there is none of that id, unchanged if it does not run.</summary>
    public Task<ReplayView?> PauseAsync(string id) => StopAsync(id, ReplayStates.Paused);

    /// <summary>Ends a replay for good; what it has stored stays.</summary>
    public Task<ReplayView?> CancelAsync(string id) => StopAsync(id, ReplayStates.Cancelled);

    /// <summary>Lets a paused replay go on; null if there is none of that id, unchanged if it is not paused or too many run.</summary>
    public async Task<ReplayView?> ResumeAsync(string id)
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (JobOf(id) is not { } job)
            {
                return null;
            }

            if (job.Record.View.State == ReplayStates.Paused && RunningCount() < RunningMax)
            {
                await SetAsync(job, ReplayStates.Running, null).ConfigureAwait(false);
                Run(job);
            }

            return job.Record.View;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Job[] jobs;
        lock (_gate)
        {
            jobs = [.. _jobs.Values];
        }

        foreach (var job in jobs)
        {
            await job.StopAsync().ConfigureAwait(false);
            if (job.Record.View.State == ReplayStates.Running)
            {
                // Counts that were only known after the last unit.
                await StoreAsync(job.Record, CancellationToken.None).ConfigureAwait(false);
            }
        }

        _turn.Dispose();
    }

    private async Task<ReplayView?> StopAsync(string id, string state)
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (JobOf(id) is not { } job)
            {
                return null;
            }

            await job.StopAsync().ConfigureAwait(false);
            if (job.Record.View.State == ReplayStates.Running || (state == ReplayStates.Cancelled && job.Record.View.State == ReplayStates.Paused))
            {
                await SetAsync(job, state, null).ConfigureAwait(false);
            }

            return job.Record.View;
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Run(Job job) => job.Start(async stop =>
    {
        try
        {
            job.Record = await new ReplayRun(_environment, _topic, record => job.Record = record).RunAsync(job.Record, stop).ConfigureAwait(false);
            await SetAsync(job, ReplayStates.Done, null).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Paused, cancelled, or the node stops; whoever stopped it says which.
        }
        catch (Exception failure) when (failure is ReplayException or BrokerException or InvalidModelException or InvalidDataException or ArgumentException)
        {
            Log.Failed(_environment.Log, job.Record.View.Id, job.Record.Plan.Flow, failure);
            await SetAsync(job, ReplayStates.Failed, failure.Message).ConfigureAwait(false);
        }
    });

    private async Task SetAsync(Job job, string state, string? reason)
    {
        var view = job.Record.View with { State = state, Reason = reason, EndedAt = ReplayStates.IsOver(state) ? _environment.Time.GetUtcNow() : null };
        var plan = job.Record.Plan;

        // A key or an answer may be about a person; what is over needs neither.
        job.Record = job.Record with { View = view, Plan = ReplayStates.IsOver(state) ? plan with { Key = null, Stubs = new Dictionary<string, JsonElement>() } : plan };
        await StoreAsync(job.Record, CancellationToken.None).ConfigureAwait(false);
        Log.State(_environment.Log, view.Id, view.Flow, state, view.Read, view.Total);
    }

    private async Task StoreAsync(ReplayRecord record, CancellationToken cancellationToken) =>
        await _environment.Broker.AppendAsync(_topic.Append(record.View.Id, record, ReplayJson.Default.ReplayRecord), cancellationToken).ConfigureAwait(false);

    private int RunningCount()
    {
        lock (_gate)
        {
            return _jobs.Values.Count(job => job.Record.View.State == ReplayStates.Running);
        }
    }

    private Job? JobOf(string id)
    {
        lock (_gate)
        {
            return _jobs.GetValueOrDefault(id);
        }
    }

    private void DropOldest()
    {
        lock (_gate)
        {
            var over = _jobs.Values.Select(job => job.Record.View).Where(view => ReplayStates.IsOver(view.State)).OrderBy(view => view.StartedAt);
            foreach (var view in over.Take(Math.Max(0, _jobs.Count - ListedMax)).ToArray())
            {
                _jobs.Remove(view.Id);
            }
        }
    }

    /// <summary>A replay and the task that runs it, if one does.</summary>
    private sealed class Job(ReplayRecord record) : IAsyncDisposable
    {
        private volatile ReplayRecord _record = record;
        private CancellationTokenSource? _stop;
        private Task _running = Task.CompletedTask;

        public ReplayRecord Record
        {
            get => _record;
            set => _record = value;
        }

        public void Start(Func<CancellationToken, Task> run)
        {
            var stop = _stop = new CancellationTokenSource();
            _running = Task.Run(() => run(stop.Token), CancellationToken.None);
        }

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => new(StopAsync());

        public async Task StopAsync()
        {
            if (_stop is not { } stop)
            {
                return;
            }

            await stop.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
            stop.Dispose();
            _stop = null;
        }
    }
}
