using System.Threading.Channels;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
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
    // A hand-over takes the ledger's lock; this many messages share one.
    private const int HandOverMessages = 64;

    private readonly LaneContext _context;
    private readonly Channel<LaneItem> _inbox = Channel.CreateUnbounded<LaneItem>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Queue<LaneBatch> _backlog = new();
    private readonly Queue<HeldMessage> _ready = new();
    private readonly HeldKeys _keys = new();
    private readonly LaneOutput _output = new();
    private readonly int _groups;
    private PartitionWork? _outputWork;
    private RevisionLanes _lanes;
    private CancellationToken _cancel;
    private int _lanesMax;
    private int _busy;
    private bool _measured;

    public LaneGroup(LaneContext context, FlowRevision revision, int groups)
    {
        _context = context;
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
                _lanes.Retire();
                _lanes = new RevisionLanes(change.Revision);
                _lanesMax = LanesOf(change.Revision);
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
        for (var begun = 0; begun < HandOverMessages && more; begun++)
        {
            more = !_cancel.IsCancellationRequested && BeginNext();
        }

        HandOver();
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
            if (batch.Work.IsOwned && !_keys.TryFollow(batch.Work, message))
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

    private void RunNew(PartitionWork work, StoredMessage message)
    {
        var lanes = _lanes;
        var started = _measured ? 0 : _context.Time.GetTimestamp();
        var pipeline = lanes.Rent();
        if (TryRun(pipeline, message, 1, out var running, out var result))
        {
            lanes.Return(pipeline);
            if (!_measured)
            {
                // One message of each hand-over is timed: enough for the histogram, nothing on the others.
                _measured = true;
                _context.Meter.Ran(message, started);
            }

            if (result is not null && !Finish(work, message, lanes, 1, result))
            {
                RetryLater(_keys.Hold(work, message, lanes), (PipelineResult.Failed)result);
            }

            return;
        }

        var held = _keys.Hold(work, message, lanes);
        held.StartedAt = started != 0 ? started : _context.Time.GetTimestamp();
        Await(held, pipeline, running);
    }

    private void RunHeld(HeldMessage held)
    {
        if (!held.Work.IsOwned)
        {
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

            result = running.GetAwaiter().GetResult();
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
        if (held.Result is { } result && held.Work.IsOwned && !Finish(held.Work, held.Message, lanes, held.Attempt, result))
        {
            RetryLater(held, (PipelineResult.Failed)result);
            return;
        }

        Release(held);
    }

    /// <summary>Books the answer; false if the message is to be tried again.</summary>
    private bool Finish(PartitionWork work, StoredMessage message, RevisionLanes lanes, int attempt, PipelineResult result)
    {
        switch (result)
        {
            case PipelineResult.Delivered delivered:
                Deliver(work, message, lanes, attempt, delivered.Outputs);
                break;
            case PipelineResult.Filtered:
                OutputOf(work).Complete(message, MessageOutcome.Filtered);
                break;
            case PipelineResult.Failed { Fault: var fault }:
                if (fault.Class == FaultClass.Retryable && attempt < lanes.Revision.Rules.Retry.Attempts)
                {
                    return false;
                }

                GiveUp(work, message, lanes, attempt, fault);
                break;
        }

        if (result.Effects.Count > 0 && work.IsOwned)
        {
            OutputOf(work).Messages.Add((lanes.Effects, EffectRecord.Of(_context.Topic, message, result.Effects)));
        }

        HandOverIfFull();
        return true;
    }

    private void Deliver(PartitionWork work, StoredMessage message, RevisionLanes lanes, int attempt, IReadOnlyList<SinkOutput> outputs)
    {
        var targets = lanes.Revision.Targets;
        for (var i = 0; i < outputs.Count; i++)
        {
            var target = targets[outputs[i].Sink];
            if (MessageSize.Of(outputs[i].Message) > target.MessageBytesMax)
            {
                var detail = $"the message is larger than the {target.MessageBytesMax} bytes topic '{target.Topic}' takes";
                GiveUp(work, message, lanes, attempt, new StepFault("message.too-large", target.Sink, detail, FaultClass.Terminal));
                return;
            }
        }

        var output = OutputOf(work);
        for (var i = 0; i < outputs.Count; i++)
        {
            output.Messages.Add((targets[outputs[i].Sink], outputs[i].Message));
        }

        output.Complete(message, MessageOutcome.Delivered);
    }

    private void GiveUp(PartitionWork work, StoredMessage message, RevisionLanes lanes, int attempt, StepFault fault)
    {
        var revision = lanes.Revision;
        if (revision.Rules.OnFailure == FailurePolicy.Stop)
        {
            _context.Ledger.Stop(work, $"{fault.Code} in step '{fault.Step}' at {_context.Topic}/{message.Position}");
            Log.PartitionStopped(_context.Log, _context.Flow, work.Partition, message.Position.Offset, fault.Code, fault.Step);
            return;
        }

        var output = OutputOf(work);
        output.Messages.Add((lanes.Dead, _context.DeadLetterOf(message, fault, revision.Number, attempt)));
        output.Complete(message, MessageOutcome.DeadLettered);
        _context.Meter.DeadLettered(fault);
        Log.DeadLettered(_context.Log, _context.Flow, _context.Topic, message.Position, fault.Code, fault.Step, attempt);
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

    private LaneOutput OutputOf(PartitionWork work)
    {
        if (!ReferenceEquals(work, _outputWork))
        {
            HandOver();
            _outputWork = work;
        }

        return _output;
    }

    private void HandOverIfFull()
    {
        if (_output.Completed.Count >= HandOverMessages)
        {
            HandOver();
        }
    }

    private void HandOver()
    {
        _measured = false;
        if (_outputWork is not null && _output.Completed.Count > 0)
        {
            _context.Ledger.Complete(_outputWork, _output);
            _output.Clear();
        }
    }

    private void Close()
    {
        _inbox.Writer.TryComplete();
        _keys.Close();
        _lanes.Close();
        _lanes.Revision.Leave();
    }

    /// <summary>The flow's lanes are spread over its lane groups, at least one each.</summary>
    private int LanesOf(FlowRevision revision) => Math.Max(1, (revision.Lanes + _groups - 1) / _groups);
}
