using System.Threading.Channels;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.Flows.Poison;
using Trunkline.Server.Flows.Redrives;
using Trunkline.Server.Flows.Tenants;
using Trunkline.Server.State;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>
/// Runs the messages of a share of the keys, in order per key. A single loop takes batches; as long as steps answer at once,
/// messages run one after the other on it, without a task or a queue of their own. A message that must wait (for a model, for its
/// next try) is held with the later ones of its key, while the loop goes on with other keys on other lanes, up to the flow's
/// number of lanes.
/// </summary>
/// <remarks>All members but <see cref="Post"/>, <see cref="HeldBack"/> and <see cref="RunAsync"/> belong to the loop.</remarks>
internal sealed partial class LaneGroup
{
    private readonly LaneContext _context;
    private readonly Channel<LaneItem> _inbox = Channel.CreateUnbounded<LaneItem>(new UnboundedChannelOptions { SingleReader = true });
    private readonly LaneShares _shares = new();
    private readonly LaneBacklog _backlog;
    private readonly Queue<HeldMessage> _ready = new();
    private readonly HeldKeys _keys = new();
    private readonly LaneResults _results;
    private LaneRuns _runs = null!;
    private readonly List<RevisionLanes> _retired = [];
    private readonly int _number;
    private readonly int _groups;
    private RevisionLanes _lanes;
    private CancellationToken _cancel;
    private int _lanesMax;
    private int _busy;

    /// <param name="context">The flow.</param>
    /// <param name="revision">The revision to begin with.</param>
    /// <param name="number">Which of its lane groups this is.</param>
    /// <param name="groups">How many it has.</param>
    public LaneGroup(LaneContext context, FlowRevision revision, int number, int groups)
    {
        _context = context;
        _results = new LaneResults(context);
        _backlog = new LaneBacklog(_shares);
        (_number, _groups) = (number, groups);
        _lanes = new RevisionLanes(revision);
        SetLanes(revision);
    }

    /// <summary>Messages waiting for a next try, or behind another of their key: what a drain does not wait for.</summary>
    public int HeldBack => _keys.HeldBack;

    /// <summary>Hands in work; bounded by what the flow may have in flight.</summary>
    public void Post(LaneItem item) => _inbox.Writer.TryWrite(item);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _cancel = cancellationToken;
        _runs = new LaneRuns(_context, () => new LanePlace(_number, _lanesMax), cancellationToken);
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
                _backlog.Add(batch);
                break;
            case LaneSwitch change:
                _retired.RemoveAll(r => r.IsClosed);
                _retired.Add(_lanes);
                _lanes.Retire();
                _lanes = new RevisionLanes(change.Revision);
                SetLanes(change.Revision);
                break;
            case LaneRelease { Skip: true } skipped when skipped.Work.IsOwned:
                _results.Skip(skipped);
                skipped.Finish(true);
                break;
            case LaneRelease release:
                _ready.Enqueue(HeldMessage.Of(release));
                break;
            case LaneBegin begin:
                _results.Begin(begin.Work, begin.Parked);
                break;
            case LaneSuspect suspect:
                TakeErrand(HeldMessage.Of(suspect));
                break;
            case LaneRedrive redrive:
                TakeErrand(HeldMessage.Of(redrive));
                break;
            case LaneOpen open:
                open.Finish(_results.Open(open.Work, open.Parked));
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

        if (_backlog.Peek() is not { } next)
        {
            return false;
        }

        var (work, message, visit) = next;

        if (work.IsOwned && !_keys.TryFollow(work, message, visit) && !TryPark(work, message, visit))
        {
            if (_busy >= _lanesMax)
            {
                _backlog.WaitFairly();
                return false;
            }

            if (_backlog.TakesTurns(next))
            {
                return true;
            }

            RunNew(work, message, visit);
        }

        _backlog.Advance();
        return true;
    }

    private void RunNew(PartitionWork work, StoredMessage message, StateVisit? visit)
    {
        var lanes = _lanes;
        var measure = _results.IsEmpty;
        var started = measure ? _context.Time.GetTimestamp() : 0;
        var pipeline = lanes.Rent();
        var past = visit is null ? work.Tries?.Find(message.Position.Offset) : null;
        var attempt = (past?.Attempts ?? 0) + 1;
        var input = _runs.InputOf(work, message, attempt, visit);
        if (_runs.TryRun(pipeline, input, out var running, out var result))
        {
            lanes.Return(pipeline);
            if (measure)
            {
                // One message of each hand-over is timed: enough for the histogram, nothing on the others.
                _context.Meter.Ran(message, started, isFirst: attempt == 1);
            }

            if (result is null)
            {
                return;
            }

            var tried = _results.Finish(new LaneTry(work, message, lanes, attempt, null) { FirstFailedAt = past?.FirstFailedAt, Visit = visit, Span = input.Span }, result);
            if (tried != TryResult.Done)
            {
                RetryLater(_keys.Hold(work, message, lanes, (past, visit)), (PipelineResult.Failed)result, tried);
            }

            return;
        }

        var held = _keys.Hold(work, message, lanes, (past, visit));
        held.StartedAt = measure ? started : _context.Time.GetTimestamp();
        held.Span = input.Span;
        Await(held, pipeline, running);
    }

    private void RunHeld(HeldMessage held)
    {
        if (!held.Work.IsOwned)
        {
            held.Release?.Finish(false);
            held.Suspect?.Interrupt();
            held.Redrive?.Interrupt();
            Release(held);
            return;
        }

        if (held.Lanes is null && held.Release is null && held.Work.ParkedFor(held.Message) is { } parked)
        {
            Park(held, parked);
            return;
        }

        if (held.Lanes is null)
        {
            held.Lanes = _lanes;
            _lanes.Uses++;
        }

        if (held.Suspect is { IsPoison: true } || held.Release is { IsPoison: true })
        {
            _results.GiveUpPoison(held.Try());
            Through(held);
            return;
        }

        var pipeline = held.Lanes.Rent();
        held.StartedAt = _context.Time.GetTimestamp();
        var input = _runs.InputOf(held.Work, held.Message, held.Attempt, held.Visit);
        held.BeginSpan(input.Span);
        if (_runs.TryRun(pipeline, input, out var running, out var result))
        {
            held.Pipeline = pipeline;
            held.Result = result;
            TakeLane(held);
            Answered(held);
        }
        else
        {
            Await(held, pipeline, running);
        }
    }

    private void Await(HeldMessage held, IPipeline pipeline, ValueTask<PipelineResult> running)
    {
        held.Pipeline = pipeline;
        held.Span?.Waits();
        TakeLane(held);
        _ = _runs.AwaitAsync(held, running, _inbox.Writer);
    }

    private void TakeLane(HeldMessage held)
    {
        held.LaneOf = _backlog.TenantOf(held.Message.Message);
        _shares.Take(held.LaneOf);
        _busy++;
    }

    private void Answered(HeldMessage held)
    {
        var lanes = held.Lanes!;
        lanes.Return(held.Pipeline!);
        held.Pipeline = null;
        _shares.Give(held.LaneOf);
        _busy--;
        _context.Meter.Ran(held.Message, held.StartedAt, isFirst: held is { Attempt: 1, Release: null, Redrive: null });
        if (!held.Work.IsOwned || held.Result is null)
        {
            held.Redrive?.Interrupt();
        }
        else if (_results.Finish(held.Try(), held.Result) is var tried and not TryResult.Done)
        {
            held.Suspect?.Interrupt();
            RetryLater(held, (PipelineResult.Failed)held.Result, tried);
            return;
        }

        Through(held);
    }

    private void Through(HeldMessage held)
    {
        held.Release?.Finish(held.Release.Parked.Released > held.Release.Number);
        if (held.Suspect is { } suspect)
        {
            _results.Await(held.Work, suspect);
        }

        Release(held);
    }

    private void RetryLater(HeldMessage held, PipelineResult.Failed failed, TryResult tried)
    {
        var retry = held.Lanes!.Revision.Rules.Retry;
        held.Result = null;
        held.PoisonAnswers += failed.Fault.Class == FaultClass.Poison ? 1 : 0;
        held.FirstFailedAt ??= _context.Time.GetUtcNow();
        _context.Ledger.Counters.Retried();
        _context.Meter.Retried(failed.Fault);
        if (tried == TryResult.NoRoom)
        {
            WaitInPlace(held, retry.BackoffMax);
            return;
        }

        var wait = RetrySchedule.Next(retry, failed.Fault, held.Attempt, _context.Jitter(), _context.Limits.RetryAfterMax);
        if (!failed.Fault.IsUncounted)
        {
            _results.NoteTry(held.Try());
            held.Attempt++;
        }

        WaitInPlace(held, wait ?? TimeSpan.Zero);
    }

    private void WaitInPlace(HeldMessage held, TimeSpan wait)
    {
        _keys.BeginWait(held);
        held.WaitsSince = held.Span is null ? null : _context.Time.GetUtcNow();
        held.Timer = _context.Time.CreateTimer(static state => ((Action)state!)(), () => Post(held), wait, Timeout.InfiniteTimeSpan);
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

    private void SetLanes(FlowRevision revision) => _shares.LanesMax = _lanesMax = LanesOf(revision);

    /// <summary>The flow's lanes are spread over its lane groups, at least one each.</summary>
    private int LanesOf(FlowRevision revision) => Math.Max(1, (revision.Lanes + _groups - 1) / _groups);
}
