using Trunkline.Core.Errors;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Flows.Delays;
using Trunkline.Server.Flows.Redrives;
using Trunkline.Server.Outcomes;
using Trunkline.Server.State;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>Books what pipelines answered: outputs, dead letters, stops; and hands it to the ledger in batches. Belongs to a lane group's loop.</summary>
internal sealed partial class LaneResults(LaneContext context)
{
    /// <summary>A hand-over takes the ledger's lock; this many messages share one.</summary>
    public const int HandOverMessages = 64;

    private readonly LaneContext _context = context;
    private readonly LaneOutput _output = new();
    private PartitionWork? _outputWork;

    /// <summary>True right after a hand-over.</summary>
    public bool IsEmpty => _output.Completed.Count == 0;

    /// <summary>Books the answer, or tells how the message is to be tried again.</summary>
    public TryResult Finish(in LaneTry run, PipelineResult result)
    {
        if (run.Visit is StateVisit.Timer && result.State is null)
        {
            // Cancelled or moved meanwhile: nothing happened.
            OutputOf(run.Work).EndVisit();
            return TryResult.Done;
        }

        EndSpan(run.Span, result);
        var through = true;
        switch (result)
        {
            case PipelineResult.Delivered delivered:
                through = Deliver(run, delivered);
                break;
            case PipelineResult.Filtered:
                Close(run, MessageOutcome.Filtered, new OutcomeNote(OutcomeState.Filtered, run.Attempt, [], result.Effects) { Degraded = result.Degraded });
                break;
            case PipelineResult.Failed { Fault: var fault }:
                var retry = run.Lanes.Revision.Rules.Retry;
                if (RetrySchedule.IsInPlace(retry, fault, run.Attempt, run.PoisonBefore))
                {
                    return TryResult.Again;
                }

                if (RetrySchedule.Later(retry, fault, run.Attempt, _context.Jitter(), _context.Limits.RetryAfterMax) is { } wait)
                {
                    return Delay(run, fault, wait, result.State?.Failed);
                }

                GiveUp(run, fault);
                through = false;
                break;
        }

        if (run.Work.IsOwned)
        {
            Remember(run, through ? result.State?.Done : result.State?.Failed);
            if (run.Span?.Context is { } context)
            {
                OutputOf(run.Work).Spans.Add(context);
            }
        }

        if (result.Effects.Count > 0 && run.Work.IsOwned)
        {
            OutputOf(run.Work).Messages.Add((run.Lanes.Effects, EffectRecord.Of(_context.Topic, run.Message, result.Effects)));
        }

        HandOverIfFull();
        return TryResult.Done;
    }

    private static void EndSpan(MessageSpan? span, PipelineResult result) => _ = result switch
    {
        PipelineResult.Failed { Fault: var fault } => span?.End("failed", fault.Code, fault.Step),
        PipelineResult.Filtered { Step: var step } => span?.End("filtered", null, step),
        _ => span?.End("delivered", null, null),
    };

    /// <summary>Notes a failed try of a message that waits in place for its next, so that it counts also after a restart.</summary>
    public void NoteTry(in LaneTry run)
    {
        var past = new PastTries(run.Attempt, run.FirstFailedAt!.Value);
        if (run.Release is { } release)
        {
            release.Parked.Tried(past.Attempts, past.FirstFailedAt);
            OutputOf(run.Work).State.Add(run.Work.Parked.Write(release.Parked));
        }
        else if (run.Redrive is null && run.Visit is null && run.Work.Tries is { } tries)
        {
            OutputOf(run.Work).State.Add(tries.Note(run.Message.Position.Offset, past));
        }
    }

    /// <summary>Somebody waits until what is booked so far is durable.</summary>
    public void Await(PartitionWork work, LaneErrand errand) => OutputOf(work).Errands.Add(errand);

    /// <summary>The key is parked: what is due for it stays due, and is looked at again when the key is open.</summary>
    public void PutOff(PartitionWork work, StateVisit visit)
    {
        switch (visit)
        {
            case StateVisit.Timer timer:
                work.States!.GiveBack(timer.Due);
                break;
            case StateVisit.Sweep sweep:
                work.States!.GiveBack(sweep.Due);
                break;
            case StateVisit.Drop drop:
                drop.Done.TrySetResult(false);
                break;
        }

        OutputOf(work).EndVisit();
    }

    /// <summary>What the key's state becomes is seen by its next message from here on, and durable with the unit.</summary>
    private void Remember(in LaneTry run, StateChange? change)
    {
        if (change is null)
        {
            (run.Visit as StateVisit.Drop)?.Done.TrySetResult(false);
            return;
        }

        var output = OutputOf(run.Work);
        run.Work.States!.Put(change);
        output.Changes.Add(change);
        if (run.Visit is StateVisit.Drop drop)
        {
            output.Drops.Add(drop);
        }
    }

    /// <summary>False if a topic does not take what was made of the message, which so became a dead letter.</summary>
    private bool Deliver(in LaneTry run, PipelineResult.Delivered delivered)
    {
        var outputs = delivered.Outputs;
        var targets = run.Lanes.Revision.Targets;
        for (var i = 0; i < outputs.Count; i++)
        {
            if (FaultOf(targets[outputs[i].Sink], outputs[i].Message) is { } fault)
            {
                GiveUp(run, fault);
                return false;
            }
        }

        var output = OutputOf(run.Work);
        var (state, outcome, cause) = (OutcomeState.Delivered, MessageOutcome.Delivered, default(string));
        for (var i = 0; i < outputs.Count; i++)
        {
            var (target, message) = (targets[outputs[i].Sink], outputs[i].Message);
            if (target.Contract?.LetterOf(message) is { } letter)
            {
                (state, outcome, cause) = (OutcomeState.DeadLettered, MessageOutcome.DeadLettered, ErrorCodes.ContractViolated);
                (target, message) = (target.Contract.Dead, letter);
            }

            output.Messages.Add((target, message));
        }

        Close(run, outcome, new OutcomeNote(state, run.Attempt, outputs, delivered.Effects) { Degraded = delivered.Degraded, Cause = cause });
        return true;
    }

    /// <summary>Why a topic does not take a message; null if it does.</summary>
    private static StepFault? FaultOf(SinkTarget target, Message message) => MessageSize.Of(message) <= target.MessageBytesMax
        ? target.Contract?.FaultOf(message)
        : new StepFault("message.too-large", target.Sink, $"the message is larger than the {target.MessageBytesMax} bytes topic '{target.Topic}' takes", FaultClass.Terminal);

    /// <summary>The message is through: its offset is complete, or, if it was parked, its turn is over.</summary>
    private void Close(in LaneTry run, MessageOutcome outcome, in OutcomeNote note)
    {
        if (!StateUpkeep.Is(run.Visit))
        {
            Note(OutputOf(run.Work), run.Message, run.Lanes, note);
        }

        End(run, outcome);
    }

    private void End(in LaneTry run, MessageOutcome outcome)
    {
        var output = OutputOf(run.Work);
        if (run.Release is { } release)
        {
            release.Parked.Release();
            AddReleased(output, release);
            output.Count(outcome);
        }
        else if (run.Redrive is { } redrive)
        {
            Book(output, redrive, RedriveResult.Redriven);
            output.Count(outcome);
        }
        else
        {
            Complete(output, run, outcome);
        }
    }

    /// <summary>The message's offset is complete, or what was due for its key is done; what was noted of its tries goes.</summary>
    private static void Complete(LaneOutput output, in LaneTry run, MessageOutcome outcome)
    {
        if (run.Visit is { } visit)
        {
            output.EndVisit();
            if (visit is StateVisit.Timer)
            {
                output.CountTimer(outcome);
            }

            return;
        }

        output.Complete(run.Message, outcome);
        if (run.Attempt > 1 && run.Work.Tries?.Forget(run.Message.Position.Offset) is { } forgotten)
        {
            output.State.Add(forgotten);
        }
    }

    /// <summary>Puts the message off, with the later ones of its key, and gives the lane back.</summary>
    private TryResult Delay(in LaneTry run, StepFault fault, TimeSpan wait, StateChange? change)
    {
        var (work, message) = (run.Work, run.Message);
        if (run.Release is null && work.Parked.IsFull)
        {
            return TryResult.NoRoom;
        }

        var now = _context.Time.GetUtcNow();
        var parked = run.Release?.Parked ?? new ParkedKey(message.Message.Key, work.Parked.NewEpisode(now), work.Parked.End);
        parked.Tried(run.Attempt, run.FirstFailedAt ?? now);
        parked.Delay(now + wait);
        var output = OutputOf(work);
        if (run.Release is { } release)
        {
            AddReleased(output, release);
            output.Count(MessageOutcome.Delayed);
        }
        else
        {
            AddParked(output, work, message, run.Lanes, parked);
            work.Parked.Add(parked);
            if (run.Redrive is { } redrive)
            {
                Book(output, redrive, RedriveResult.Delayed);
                output.Count(MessageOutcome.Delayed);
            }
            else
            {
                Complete(output, run, MessageOutcome.Delayed);
            }
        }

        NoteWaiting(output, message, run.Lanes, OutcomeNote.Of(OutcomeState.Parked, run.Attempt, fault.Code));
        _context.Ledger.Counters.Retried();
        _context.Meter.Retried(fault);
        Log.Delayed(_context.Log, _context.Flow, _context.Topic, message.Position, fault.Code, fault.Step, wait, message.Message.Id.Value, Log.KeyMarkOf(message.Message), Log.TraceOf(message.Message));
        _context.Delayed();
        Remember(run, change);
        HandOverIfFull();
        return TryResult.Done;
    }

    private void GiveUp(in LaneTry run, StepFault fault)
    {
        var (work, message, lanes) = (run.Work, run.Message, run.Lanes);
        var rules = lanes.Revision.Rules;
        var parks = rules.OnFailure == FailurePolicy.ParkKey && !fault.IsDropped && message.Message.Key is not null && run.Release is null && run.Redrive is null;
        if ((rules.OnFailure == FailurePolicy.Stop && !fault.IsDropped && run.Redrive is null) || (parks && work.Parked.Count >= ParkedKeys.KeysMax))
        {
            Stop(work, message, fault);
            return;
        }

        var output = OutputOf(work);
        output.Messages.Add((lanes.Dead, _context.DeadLetterOf(run, fault)));
        Note(output, message, lanes, OutcomeNote.Of(OutcomeNote.StateOf(fault.Code), run.Attempt, fault.Code));
        if (parks)
        {
            var parked = new ParkedKey(message.Message.Key, work.Parked.NewEpisode(_context.Time.GetUtcNow()), work.Parked.End);
            parked.AwaitOperator(message.Position.Offset);
            AddParked(output, work, message, lanes, parked);
            work.Parked.Add(parked);
        }

        if (run.Release is { } release)
        {
            GiveUp(release, message.Position.Offset, rules.OnFailure);
            AddReleased(output, release);
            output.Count(MessageOutcome.DeadLettered);
        }
        else if (run.Redrive is { } redrive)
        {
            Book(output, redrive, RedriveResult.FailedAgain);
            output.Count(MessageOutcome.DeadLettered);
        }
        else
        {
            Complete(output, run, MessageOutcome.DeadLettered);
        }

        _context.Meter.DeadLettered(fault);
        Log.DeadLettered(_context.Log, _context.Flow, _context.Topic, message.Position, fault.Code, fault.Step, run.Attempt, message.Message.Id.Value, Log.KeyMarkOf(message.Message), Log.TraceOf(message.Message));
    }

    /// <summary>What waits for a sink has its outcome already: the flow delivered it, and the sink is still to tell.</summary>
    private void NoteWaiting(LaneOutput output, StoredMessage message, RevisionLanes lanes, in OutcomeNote note)
    {
        if (lanes.Revision.Sink.Length == 0)
        {
            Note(output, message, lanes, note);
        }
    }

    private void Note(LaneOutput output, StoredMessage message, RevisionLanes lanes, in OutcomeNote note)
    {
        if (_context.WritesOutcomes)
        {
            output.Outcomes.Add(message, lanes.Revision.Origin, note);
        }
    }

    private void Stop(PartitionWork work, StoredMessage message, StepFault fault)
    {
        _context.Ledger.Stop(work, $"{fault.Code} in step '{fault.Step}' at {_context.Topic}/{message.Position}");
        Log.PartitionStopped(_context.Log, _context.Flow, work.Partition, message.Position.Offset, fault.Code, fault.Step);
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

    /// <summary>Hands over what is finished.</summary>
    public void HandOver()
    {
        if (_outputWork is not null && !_output.IsEmpty)
        {
            _context.Ledger.Complete(_outputWork, _output);
            _output.Clear();
        }
    }
}
