using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>Books what pipelines answered: outputs, dead letters, stops; and hands it to the ledger in batches. Belongs to a lane group's loop.</summary>
internal sealed class LaneResults(LaneContext context)
{
    /// <summary>A hand-over takes the ledger's lock; this many messages share one.</summary>
    public const int HandOverMessages = 64;

    private readonly LaneContext _context = context;
    private readonly LaneOutput _output = new();
    private PartitionWork? _outputWork;

    /// <summary>True right after a hand-over.</summary>
    public bool IsEmpty => _output.Completed.Count == 0;

    /// <summary>Books the answer; false if the message is to be tried again.</summary>
    public bool Finish(in LaneTry run, PipelineResult result)
    {
        switch (result)
        {
            case PipelineResult.Delivered delivered:
                Deliver(run, delivered);
                break;
            case PipelineResult.Filtered:
                Close(run, MessageOutcome.Filtered, new OutcomeNote(OutcomeState.Filtered, run.Attempt, [], result.Effects) { Degraded = result.Degraded });
                break;
            case PipelineResult.Failed { Fault: var fault }:
                if (fault.Class == FaultClass.Retryable && run.Attempt < run.Lanes.Revision.Rules.Retry.Attempts)
                {
                    return false;
                }

                GiveUp(run, fault);
                break;
        }

        if (result.Effects.Count > 0 && run.Work.IsOwned)
        {
            OutputOf(run.Work).Messages.Add((run.Lanes.Effects, EffectRecord.Of(_context.Topic, run.Message, result.Effects)));
        }

        HandOverIfFull();
        return true;
    }

    /// <summary>Parks a message behind an earlier one of its key.</summary>
    public void Park(PartitionWork work, StoredMessage message, RevisionLanes lanes, ParkedKey parked)
    {
        if (parked.Count - parked.Released >= ParkedKeys.MessagesMax || parked.Bytes >= ParkedKeys.BytesMax)
        {
            Stop(work, message, new StepFault("flow.key-full", "flow", "too much waits behind a parked key", FaultClass.Terminal));
            return;
        }

        var output = OutputOf(work);
        AddParked(output, work, message, lanes, parked);
        output.Complete(message, MessageOutcome.Parked);
        Note(output, message, lanes, OutcomeNote.Of(OutcomeState.Parked, 0, null));
        HandOverIfFull();
    }

    /// <summary>Counts the failed message of a parked key as released, without running it.</summary>
    public void Skip(LaneRelease release)
    {
        release.Parked.Release();
        OutputOf(release.Work).State.Add(release.Work.Parked.Write(release.Message.Message.Key!.Value, release.Parked));
    }

    /// <summary>Opens a parked key; false if something of it still waits.</summary>
    public bool Open(PartitionWork work, MessageKey key)
    {
        if (!work.IsOwned || work.Parked.Find(key) is not { } parked || parked.Released < parked.Count)
        {
            return false;
        }

        OutputOf(work).State.Add(work.Parked.Write(key, null));
        work.Parked.Remove(key);
        return true;
    }

    private void Deliver(in LaneTry run, PipelineResult.Delivered delivered)
    {
        var outputs = delivered.Outputs;
        var targets = run.Lanes.Revision.Targets;
        for (var i = 0; i < outputs.Count; i++)
        {
            var target = targets[outputs[i].Sink];
            if (MessageSize.Of(outputs[i].Message) > target.MessageBytesMax)
            {
                var detail = $"the message is larger than the {target.MessageBytesMax} bytes topic '{target.Topic}' takes";
                GiveUp(run, new StepFault("message.too-large", target.Sink, detail, FaultClass.Terminal));
                return;
            }
        }

        var output = OutputOf(run.Work);
        for (var i = 0; i < outputs.Count; i++)
        {
            output.Messages.Add((targets[outputs[i].Sink], outputs[i].Message));
        }

        Close(run, MessageOutcome.Delivered, new OutcomeNote(OutcomeState.Delivered, run.Attempt, outputs, delivered.Effects) { Degraded = delivered.Degraded });
    }

    /// <summary>The message is through: its offset is complete, or, if it was parked, its turn is over.</summary>
    private void Close(in LaneTry run, MessageOutcome outcome, in OutcomeNote note)
    {
        var output = OutputOf(run.Work);
        Note(output, run.Message, run.Lanes, note);
        if (run.Release is { } release)
        {
            release.Parked.Release();
            output.State.Add(run.Work.Parked.Write(run.Message.Message.Key!.Value, release.Parked));
            output.Count(outcome);
        }
        else
        {
            output.Complete(run.Message, outcome);
        }
    }

    private void GiveUp(in LaneTry run, StepFault fault)
    {
        var (work, message, lanes) = (run.Work, run.Message, run.Lanes);
        var rules = lanes.Revision.Rules;
        var parks = rules.OnFailure == FailurePolicy.ParkKey && message.Message.Key is not null && run.Release is null;
        if (rules.OnFailure == FailurePolicy.Stop || (parks && work.Parked.Count >= ParkedKeys.KeysMax))
        {
            Stop(work, message, fault);
            return;
        }

        var output = OutputOf(work);
        output.Messages.Add((lanes.Dead, _context.DeadLetterOf(message, fault, lanes.Revision.Number, run.Attempt)));
        Note(output, message, lanes, OutcomeNote.Of(OutcomeNote.StateOf(fault.Code), run.Attempt, fault.Code));
        if (parks)
        {
            var parked = new ParkedKey(message.Position.Offset);
            AddParked(output, work, message, lanes, parked);
            work.Parked.Add(message.Message.Key!.Value, parked);
        }

        if (run.Release is null)
        {
            output.Complete(message, MessageOutcome.DeadLettered);
        }
        else
        {
            // It failed again: it stays first in line.
            output.Count(MessageOutcome.DeadLettered);
        }

        _context.Meter.DeadLettered(fault);
        Log.DeadLettered(_context.Log, _context.Flow, _context.Topic, message.Position, fault.Code, fault.Step, run.Attempt);
    }

    private void Note(LaneOutput output, StoredMessage message, RevisionLanes lanes, in OutcomeNote note)
    {
        if (_context.WritesOutcomes)
        {
            output.Outcomes.Add(message, lanes.Revision.Origin, note);
        }
    }

    private static void AddParked(LaneOutput output, PartitionWork work, StoredMessage message, RevisionLanes lanes, ParkedKey parked)
    {
        output.Messages.Add((lanes.Parked(work.Partition), parked.Add(message)));
        output.State.Add(work.Parked.Write(message.Message.Key!.Value, parked));
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

/// <summary>One try of one message.</summary>
/// <param name="Work">Its partition.</param>
/// <param name="Message">The message.</param>
/// <param name="Lanes">The revision it began with.</param>
/// <param name="Attempt">1 for the first.</param>
/// <param name="Release">Set if it is a parked message whose turn has come.</param>
internal readonly record struct LaneTry(PartitionWork Work, StoredMessage Message, RevisionLanes Lanes, int Attempt, LaneRelease? Release);
