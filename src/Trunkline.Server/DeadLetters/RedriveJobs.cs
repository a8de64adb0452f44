using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Flows;
using Trunkline.Server.Releases;
using Trunkline.Server.Topics;

namespace Trunkline.Server.DeadLetters;

/// <summary>
/// Redrives by filter, in the background: one per flow at a time, kept in the compacted topic <c>trunkline.redrives</c>, gone on with
/// after a restart. Thread-safe.
/// </summary>
internal sealed class RedriveJobs : IAsyncDisposable
{
    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.redrives";

    /// <summary>Jobs told of; older ones that ended are forgotten.</summary>
    public const int KeptMax = 100;

    // A message that ends the process would do so at every start.
    private const int ResumesMax = 2;

    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(2);

    private readonly RedriveEnvironment _environment;
    private readonly InternalTopic _topic;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private bool _disposed;
    private readonly Dictionary<string, RunningRedrive> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RedriveJob> _jobs = new(StringComparer.Ordinal);

    private RedriveJobs(RedriveEnvironment environment) =>
        (_environment, _topic) = (environment, new InternalTopic(environment.Broker, TopicName, compacted: true));

    /// <summary>All jobs told of, newest first.</summary>
    public IReadOnlyList<RedriveJob> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _jobs.Values.Select(Current).OrderByDescending(j => j.At).ThenByDescending(j => j.Id, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Opens the jobs and goes on with those that did not end.</summary>
    public static async Task<RedriveJobs> OpenAsync(RedriveEnvironment environment, CancellationToken cancellationToken)
    {
        var jobs = new RedriveJobs(environment);
        await jobs._topic.EnsureAsync(cancellationToken);
        await foreach (var message in jobs._topic.ReadAsync(0, cancellationToken))
        {
            var job = jobs._topic.Value(message, RedriveJson.Default.RedriveJob);
            jobs._jobs[job.Id] = job;
        }

        foreach (var job in jobs._jobs.Values.Where(j => j.State == RedriveJobState.Running).ToArray())
        {
            await jobs.ResumeAsync(job with { Resumed = job.Resumed + 1 }, cancellationToken);
        }

        return jobs;
    }

    /// <summary>A job; null if there is none of this id.</summary>
    public RedriveJob? Find(string id)
    {
        lock (_lock)
        {
            return _jobs.TryGetValue(id, out var job) ? Current(job) : null;
        }
    }

    /// <summary>Begins a job; null if another of the flow runs.</summary>
    /// <param name="flow">The flow, which has dead letters.</param>
    /// <param name="filter">Which dead letters.</param>
    /// <param name="rate">Messages a second at most; null for no bound.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="cancellationToken">Ends the beginning; not the job.</param>
    public async Task<RedriveJob?> BeginAsync(string flow, DeadLetterFilter filter, int? rate, string who, CancellationToken cancellationToken)
    {
        var extent = await _environment.Desk.Store.ExtentAsync(flow, cancellationToken) ?? [];
        var now = _environment.Time.GetUtcNow();
        var job = new RedriveJob
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Flow = flow,
            Filter = filter,
            Rate = rate,
            Who = who,
            At = now,
            Ends = [.. extent.Select(p => p.HighOffset)],
        };
        if (!TryAdd(job, out var running))
        {
            return null;
        }

        try
        {
            await KeepAsync(job, "redrive", cancellationToken);
        }
        catch
        {
            Remove(job);
            throw;
        }

        running.Start(Task.Run(() => RunAsync(running), CancellationToken.None));
        return job;
    }

    /// <summary>Ends a job; what is at work finishes. False if it does not run.</summary>
    public async Task<bool> CancelAsync(string id)
    {
        RunningRedrive? running;
        lock (_lock)
        {
            running = _running.Values.FirstOrDefault(r => r.Run.Job.Id == id);
        }

        if (running is null)
        {
            return false;
        }

        running.IsCancelled = true;
        await running.Cancel.CancelAsync();
        await running.Ended;
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The services of the web application know it too, and would close it once more.
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stop.CancelAsync();
        RunningRedrive[] running;
        lock (_lock)
        {
            running = [.. _running.Values];
        }

        await Task.WhenAll(running.Select(r => r.Ended));
        _stop.Dispose();
    }

    private async Task ResumeAsync(RedriveJob job, CancellationToken cancellationToken)
    {
        if (job.Resumed > ResumesMax)
        {
            job = job with { State = RedriveJobState.Failed, Reason = "the node ended three times while it ran; begin it anew, if need be for fewer at a time", EndedAt = _environment.Time.GetUtcNow() };
            _jobs[job.Id] = job;
            await KeepAsync(job, null, cancellationToken);
        }
        else if (TryAdd(job, out var running))
        {
            await KeepAsync(job, null, cancellationToken);
            Log.RedriveResumed(_environment.Log, job.Id, job.Flow);
            running.Start(Task.Run(() => RunAsync(running), CancellationToken.None));
        }
    }

    private bool TryAdd(RedriveJob job, out RunningRedrive running)
    {
        lock (_lock)
        {
            var run = new RedriveRun(job, _environment.Desk, _environment.Flows, _environment.Time);
            running = new RunningRedrive(run, CancellationTokenSource.CreateLinkedTokenSource(_stop.Token));
            if (!_running.TryAdd(job.Flow, running))
            {
                return false;
            }

            _jobs[job.Id] = job;
            foreach (var old in _jobs.Values.Where(j => j.State != RedriveJobState.Running).OrderByDescending(j => j.At).Skip(KeptMax).ToArray())
            {
                _jobs.Remove(old.Id);
            }

            return true;
        }
    }

    private void Remove(RedriveJob job)
    {
        lock (_lock)
        {
            _running.Remove(job.Flow);
            _jobs.Remove(job.Id);
        }
    }

    /// <summary>Never throws: how a job ended is part of the job.</summary>
    private async Task RunAsync(RunningRedrive running)
    {
        using var kept = new CancellationTokenSource();
        var keeping = KeepProgressAsync(running.Run, kept.Token);
        RedriveJob job;
        try
        {
            job = await running.Run.RunAsync(running.Cancel.Token);
        }
        catch (OperationCanceledException)
        {
            job = running.IsCancelled
                ? running.Run.Job with { State = RedriveJobState.Cancelled, EndedAt = _environment.Time.GetUtcNow() }
                : running.Run.Job with { Resumed = running.Run.Job.Resumed - 1 };
        }

        await kept.CancelAsync();
        await keeping;
        try
        {
            // A stop of the node is no end: it goes on with the next start, and that one does not count.
            await KeepAsync(job, job.State == RedriveJobState.Running ? null : "redrive-ended", CancellationToken.None);
        }
        catch (BrokerException failed)
        {
            Log.RedriveNotKept(_environment.Log, job.Id, failed.Code, failed);
        }

        lock (_lock)
        {
            _running.Remove(job.Flow);
            _jobs[job.Id] = job;
        }

        running.Cancel.Dispose();
        running.Run.Dispose();
    }

    private async Task KeepProgressAsync(RedriveRun run, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(KeepEvery, _environment.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await KeepAsync(run.Job, null, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The job ended.
        }
        catch (BrokerException failed)
        {
            // The marks are what counts; the figures are kept at the end.
            Log.RedriveNotKept(_environment.Log, run.Job.Id, failed.Code, failed);
        }
    }

    private async Task KeepAsync(RedriveJob job, string? what, CancellationToken cancellationToken)
    {
        var append = _topic.Append(job.Id, job, RedriveJson.Default.RedriveJob);
        var detail = what == "redrive-ended"
            ? $"{job.State}: {job.Redriven} redriven, {job.FailedAgain} failed again, {job.Waiting} waiting, {job.Skipped} skipped"
            : $"{job.Filter}{(job.Rate is { } rate ? $", {rate} a second" : "")}";
        await _environment.Broker.CommitAsync(
            new CommitUnit
            {
                Appends = what is null
                    ? [append]
                    : [append, _environment.Changes.Append(_environment.Changes.Entry(job.Who, what, $"dead letters of {job.Flow}", (null, null), detail))],
            },
            cancellationToken);
    }

    private RedriveJob Current(RedriveJob job) => _running.TryGetValue(job.Flow, out var running) && running.Run.Job.Id == job.Id ? running.Run.Job : job;

    private sealed class RunningRedrive(RedriveRun run, CancellationTokenSource cancel)
    {
        private readonly TaskCompletionSource<Task> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public RedriveRun Run => run;

        public CancellationTokenSource Cancel => cancel;

        public bool IsCancelled { get; set; }

        public Task Ended => _ended.Task.Unwrap();

        public void Start(Task task) => _ended.TrySetResult(task);
    }
}

/// <summary>What redrives run in.</summary>
internal sealed record RedriveEnvironment(IBroker Broker, DeadLetterDesk Desk, FlowSupervisor Flows, ChangeLog Changes, TimeProvider Time)
{
    public required ILogger Log { get; init; }
}
