using System.Threading.Channels;
using Trunkline.Messaging;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>
/// Runs the messages of a share of the keys, in order per key. A single loop takes batches; as long as steps answer at once,
/// messages run one after the other on it, without a task or a queue of their own. A message that must wait (for a model, for its
/// next try) is held with the later ones of its key, while the loop goes on with other keys on other lanes, up to the flow's
/// number of lanes.
/// </summary>
/// <remarks>All members but <see cref="Post"/>, <see cref="HeldBack"/> and <see cref="RunAsync"/> belong to the loop.</remarks>
internal sealed class LaneGroup
{
    private readonly LaneContext _context;
    private readonly Channel<LaneItem> _inbox = Channel.CreateUnbounded<LaneItem>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Queue<LaneBatch> _backlog = new();
    private readonly Queue<HeldMessage> _ready = new();
    private readonly HeldKeys _keys = new();
    private readonly LaneResults _results;
    private readonly List<RevisionLanes> _retired = [];
    private readonly int _groups;
    private RevisionLanes _lanes;
    private CancellationToken _cancel;
    private int _lanesMax;
    private int _busy;

    public LaneGroup(LaneContext context, FlowRevision revision, int groups)
    {
        _context = context;
        _results = new LaneResults(context);
        _groups = groups;
        _lanes = new RevisionLanes(revision);
        _lanesMax = LanesOf(revision);
    }

    /// <summary>Messages waiting for a next try, or behind another of their key: what a drain does not wait for.</summary>
    public int HeldBack => _keys.HeldBack;

    /// <summary>Hands in work; bounded by what the flow may have in flight.</summary>
    public void Post(LaneItem item) => _inbox.Writer.TryWrite(item);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _cancel = cancellationToken;
        try
        {
            do
            {
                while (_inbox.Reader.TryRead(out var item))
                {
                    Take(item);
                }

                while (Pump())
                {
                    // Others need the thread too: the committer, the reader, requests.
                    await Task.Yield();
                    while (_inbox.Reader.TryRead(out var item))
                    {
                        Take(item);
                    }
                }
            }
            while (await _inbox.Reader.WaitToReadAsync(cancellationToken));
        }
        finally
        {
            Close();
        }
    }

    private void Take(LaneItem item)
    {
        switch (item)
        {
            case LaneBatch batch:
                _backlog.Enqueue(batch);
                break;
            case LaneSwitch change:
                _retired.RemoveAll(r => r.IsClosed);
                _retired.Add(_lanes);
                _lanes.Retire();
                _lanes = new RevisionLanes(change.Revision);
                _lanesMax = LanesOf(change.Revision);
                break;
            case LaneRelease { Skip: true } skipped when skipped.Work.IsOwned:
                _results.Skip(skipped);
                skipped.Finish(true);
                break;
            case LaneRelease release:
                _ready.Enqueue(new HeldMessage(release.Work, ParkedKey.Restore(release.Message)) { Release = release });
                break;
            case LaneOpen open:
                open.Finish(_results.Open(open.Work, open.Key));
                break;
            case HeldMessage { Pipeline: not null } answered:
                Answered(answered);
                break;
            case HeldMessage due:
                _keys.EndWait(due);
                _ready.Enqueue(due);
                break;
        }
    }

    /// <summary>
    /// Begins what can begin, first what waited for its turn, then new messages, up to a hand-over; true if there is more.
    /// </summary>
    private bool Pump()
    {
        var more = true;
        for (var begun = 0; begun < LaneResults.HandOverMessages && more; begun++)
        {
            more = !_cancel.IsCancellationRequested && BeginNext();
        }

        _results.HandOver();
        return more;
    }

    /// <summary>Begins one message, or queues it behind its key; false if there is none, or no lane is free.</summary>
    private bool BeginNext()
    {
        if (_ready.Count > 0 && _busy < _lanesMax)
        {
            RunHeld(_ready.Dequeue());
            return true;
        }

        while (_backlog.TryPeek(out var batch))
        {
            if (batch.IsEmpty)
            {
                _backlog.Dequeue();
                continue;
            }

            var message = batch.Head;
            if (batch.Work.IsOwned && !TryPark(batch.Work, message) && !_keys.TryFollow(batch.Work, message))
            {
                if (_busy >= _lanesMax)
                {
                    return false;
                }

                RunNew(batch.Work, message);
            }

            batch.Advance();
            return true;
        }

        return false;
    }

    /// <summary>Parks the message if its key is parked.</summary>
    private bool TryPark(PartitionWork work, StoredMessage message)
    {
        if (work.Parked.Count == 0 || message.Message.Key is not { } key || work.Parked.Find(key) is not { } parked)
        {
            return false;
        }

        _results.Park(work, message, _lanes, parked);
        return true;
    }

    private void RunNew(PartitionWork work, StoredMessage message)
    {
        var lanes = _lanes;
        var measure = _results.IsEmpty;
        var started = measure ? _context.Time.GetTimestamp() : 0;
        var pipeline = lanes.Rent();
        if (TryRun(pipeline, message, 1, out var running, out var result))
        {
            lanes.Return(pipeline);
            if (measure)
            {
                // One message of each hand-over is timed: enough for the histogram, nothing on the others.
                _context.Meter.Ran(message, started);
            }

            if (result is not null && !_results.Finish(new LaneTry(work, message, lanes, 1, null), result))
            {
                RetryLater(_keys.Hold(work, message, lanes), (PipelineResult.Failed)result);
            }

            return;
        }

        var held = _keys.Hold(work, message, lanes);
        held.StartedAt = measure ? started : _context.Time.GetTimestamp();
        Await(held, pipeline, running);
    }

    private void RunHeld(HeldMessage held)
    {
        if (!held.Work.IsOwned || (held.Lanes is null && held.Release is null && TryPark(held.Work, held.Message)))
        {
            held.Release?.Finish(false);
            Release(held);
            return;
        }

        if (held.Lanes is null)
        {
            held.Lanes = _lanes;
            _lanes.Uses++;
        }

        var pipeline = held.Lanes.Rent();
        held.StartedAt = _context.Time.GetTimestamp();
        if (TryRun(pipeline, held.Message, held.Attempt, out var running, out var result))
        {
            held.Pipeline = pipeline;
            held.Result = result;
            _busy++;
            Answered(held);
        }
        else
        {
            Await(held, pipeline, running);
        }
    }

    /// <summary>True if the pipeline is done, with its answer, or null if it was cancelled; false while it waits.</summary>
    private bool TryRun(
        IPipeline pipeline, StoredMessage message, int attempt, out ValueTask<PipelineResult> running, out PipelineResult? result)
    {
        result = null;
        running = default;
        try
        {
            running = pipeline.RunAsync(new PipelineInput(_context.Topic, message, attempt), _cancel);
            if (!running.IsCompleted)
            {
                return false;
            }

            result = running.Result;
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            // The flow is stopping: the message stays uncommitted and comes again.
        }
        catch (Exception exception)
        {
            // The boundary to users' code: whatever it throws is that message's failure, not the flow's.
            result = _context.Threw(exception);
        }

        return true;
    }

    private void Await(HeldMessage held, IPipeline pipeline, ValueTask<PipelineResult> running)
    {
        held.Pipeline = pipeline;
        _busy++;
        _ = AwaitAsync(held, running);
    }

    /// <summary>Never throws: what the pipeline throws becomes its answer.</summary>
    private async Task AwaitAsync(HeldMessage held, ValueTask<PipelineResult> running)
    {
        try
        {
            held.Result = await running;
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            held.Result = null;
        }
        catch (Exception exception)
        {
            // The same boundary as in TryRun.
            held.Result = _context.Threw(exception);
        }

        if (!_inbox.Writer.TryWrite(held))
        {
            // The flow stopped meanwhile; nobody else will give the lane back.
            held.Pipeline?.Dispose();
        }
    }

    private void Answered(HeldMessage held)
    {
        var lanes = held.Lanes!;
        lanes.Return(held.Pipeline!);
        held.Pipeline = null;
        _busy--;
        _context.Meter.Ran(held.Message, held.StartedAt);
        var released = held.Release?.Parked.Released;
        if (held.Result is { } result && held.Work.IsOwned
            && !_results.Finish(new LaneTry(held.Work, held.Message, lanes, held.Attempt, held.Release), result))
        {
            RetryLater(held, (PipelineResult.Failed)result);
            return;
        }

        held.Release?.Finish(held.Release.Parked.Released > released);
        Release(held);
    }

    private void RetryLater(HeldMessage held, PipelineResult.Failed failed)
    {
        var retry = held.Lanes!.Revision.Rules.Retry;
        var wait = RetrySchedule.Next(retry, failed.Fault, held.Attempt, _context.Jitter(), _context.Limits.RetryAfterMax);
        held.Attempt++;
        held.Result = null;
        _keys.BeginWait(held);
        _context.Ledger.Counters.Retried();
        _context.Meter.Retried(failed.Fault);
        held.Timer = _context.Time.CreateTimer(
            static state => ((Action)state!)(), () => Post(held), wait ?? TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        _context.Changed();
    }

    private void Release(HeldMessage held)
    {
        if (_keys.Release(held) is { } next)
        {
            _ready.Enqueue(next);
        }
    }

    private void Close()
    {
        _inbox.Writer.TryComplete();
        _keys.Close();
        _lanes.Close();
        _retired.ForEach(lanes => lanes.Close());
        while (_inbox.Reader.TryRead(out var item))
        {
            (item as LaneSwitch)?.Revision.Leave();
        }
    }

    /// <summary>The flow's lanes are spread over its lane groups, at least one each.</summary>
    private int LanesOf(FlowRevision revision) => Math.Max(1, (revision.Lanes + _groups - 1) / _groups);
}
