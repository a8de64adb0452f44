using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
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
    public bool Finish(PartitionWork work, StoredMessage message, RevisionLanes lanes, int attempt, PipelineResult result)
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
        if (_outputWork is not null && _output.Completed.Count > 0)
        {
            _context.Ledger.Complete(_outputWork, _output);
            _output.Clear();
        }
    }
}
