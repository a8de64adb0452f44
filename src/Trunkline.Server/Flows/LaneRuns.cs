using System.Threading.Channels;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.State;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>Runs pipelines for a lane group: whatever they throw becomes the message's answer. Thread-safe.</summary>
/// <param name="context">The flow.</param>
/// <param name="place">The group's lanes, as they are now.</param>
/// <param name="cancel">The flow stops.</param>
internal sealed class LaneRuns(LaneContext context, Func<LanePlace> place, CancellationToken cancel)
{
    /// <summary>What a pipeline gets.</summary>
    public PipelineInput InputOf(PartitionWork work, StoredMessage message, int attempt, StateVisit? visit) =>
        new(context.Topic, message, attempt)
        {
            States = work.States,
            Visit = visit,
            Span = TelemetrySource.IsOn && !StateUpkeep.Is(visit) ? context.Tracer.Begin(message, attempt, place()) : null,
        };

    /// <summary>True if the pipeline is done, with its answer, or null if it was cancelled; false while it waits.</summary>
    public bool TryRun(IPipeline pipeline, in PipelineInput input, out ValueTask<PipelineResult> running, out PipelineResult? result)
    {
        result = null;
        running = default;
        using var entered = input.Span?.Enter();
        try
        {
            running = StateUpkeep.Is(input.Visit) ? StateUpkeep.RunAsync(input, cancel) : pipeline.RunAsync(input, cancel);
            if (!running.IsCompleted)
            {
                return false;
            }

            result = running.Result;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The flow is stopping: the message stays uncommitted and comes again.
        }
        catch (Exception exception)
        {
            // The boundary to users' code: whatever it throws is that message's failure, not the flow's.
            result = context.Threw(exception);
        }

        return true;
    }

    /// <summary>Waits for the answer and hands the message to the group's inbox. Never throws: what the pipeline throws becomes its answer.</summary>
    public async Task AwaitAsync(HeldMessage held, ValueTask<PipelineResult> running, ChannelWriter<LaneItem> inbox)
    {
        try
        {
            held.Result = await running;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            held.Result = null;
        }
        catch (Exception exception)
        {
            // The same boundary as in TryRun.
            held.Result = context.Threw(exception);
        }

        if (!inbox.TryWrite(held))
        {
            // The flow stopped meanwhile; nobody else will give the lane back.
            held.Pipeline?.Dispose();
        }
    }
}
