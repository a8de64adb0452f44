using Microsoft.Extensions.Logging;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;
using Trunkline.Server.State;

namespace Trunkline.Server.Flows;

/// <summary>
/// Commits what a flow has finished, one unit in flight while the next gathers. A unit that fails for the moment is tried again
/// as it is: nothing after it is committed before. A refused token costs the work of the partitions it is refused for, nothing else.
/// </summary>
internal sealed class CommitLoop(CommitContext context)
{
    private readonly FlowLedger _ledger = context.Ledger;

    /// <summary>Why commits do not go through at the moment; null if they do.</summary>
    public BrokerErrorCode? Trouble { get; private set; }

    /// <summary>Runs until cancelled; throws what no further try can mend.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _ledger.WaitAsync(cancellationToken);
            var taken = _ledger.Take();
            if (taken.Count > 0)
            {
                await CommitAsync(taken, cancellationToken);

                // Those whose unit is durable know by now; the others' partitions went.
                taken.ForEach(one => one.Gather.Errands.ForEach(errand => errand.Interrupt()));
            }

            context.Changed();
        }
    }

    private async Task CommitAsync(List<TakenWork> taken, CancellationToken cancellationToken)
    {
        if (await TryCommitAsync(taken, cancellationToken))
        {
            return;
        }

        // Which partitions were refused is not told: each is tried for itself, those that are still ours go through.
        foreach (var one in taken)
        {
            List<TakenWork> single = [one];
            if ((taken.Count == 1 || !await TryCommitAsync(single, cancellationToken)) && one.Work.State != PartitionState.Dropped)
            {
                _ledger.Refuse(one.Work);
                Log.PartitionFenced(context.Log, context.Flow, one.Work.Partition);
                context.Refused(one.Work);
            }
        }
    }

    /// <summary>False if the token was refused.</summary>
    private async Task<bool> TryCommitAsync(List<TakenWork> taken, CancellationToken cancellationToken)
    {
        for (var wait = TimeSpan.FromMilliseconds(50); ; wait = Min(wait * 2, context.Limits.BrokerBackoffMax))
        {
            var started = context.Time.GetTimestamp();
            try
            {
                // The token first: work of an assignment that ended is dropped before a newer token can be seen.
                var source = context.Source();
                var fence = source.Fence;
                var live = taken.FindAll(t => t.Work.State != PartitionState.Dropped);
                if (live.Count > 0)
                {
                    await context.Broker.CommitAsync(Draft(source, live).Build(fence), cancellationToken);
                    Measure(live, context.Time.GetElapsedTime(started));
                    Settle(source, live);
                }

                Trouble = null;
                return true;
            }
            catch (BrokerException refused) when (refused.Code == BrokerErrorCode.Fenced)
            {
                return false;
            }
            catch (BrokerException failed) when (IsPassing(failed.Code))
            {
                Trouble = failed.Code;
                Log.CommitFailed(context.Log, context.Flow, failed.Code, wait, failed);
                await Task.Delay(wait, context.Time, cancellationToken);
            }
        }
    }

    private void Measure(List<TakenWork> live, TimeSpan spent)
    {
        context.Meter.Committed(live, spent);
        if (live.Exists(taken => taken.Gather.Spans.Count > 0))
        {
            context.Tracer.Settled(live.SelectMany(taken => taken.Gather.Spans), live.Sum(taken => taken.Gather.Completed.Count), spent);
        }
    }

    private void Settle(IFlowSource source, List<TakenWork> live)
    {
        foreach (var (work, gather, _) in live)
        {
            source.Committed(work.Partition, gather.Completed);
        }

        _ledger.Settle(live);
    }

    private UnitDraft Draft(IFlowSource source, List<TakenWork> live)
    {
        var draft = new UnitDraft();
        var appends = live[0].Gather.Appends;
        if (live.Count > 1)
        {
            // One append per topic, so that the store writes few batches, whatever the number of partitions.
            appends = [];
            foreach (var (_, gather, _) in live)
            {
                foreach (var (target, messages) in gather.Appends)
                {
                    TargetMessages.Of(appends, target).Messages.AddRange(messages);
                }
            }
        }

        foreach (var (target, messages) in appends)
        {
            draft.Appends.Add(new TopicAppend { Topic = target.Topic, Partition = target.Partition, Messages = messages, Dedupe = source.Dedupe });
        }

        foreach (var (work, gather, progress) in live)
        {
            draft.State.AddRange(gather.State);
            foreach (var change in gather.Changes.Values)
            {
                draft.State.AddRange(StateCodec.Writes(work.States!.Store, work.Partition, change));
            }

            source.Record(work.Partition, gather.Completed, progress, draft);
        }

        if (context.OutcomeTopic is { } topic && live.SelectMany(taken => taken.Gather.Outcomes.Messages()).ToArray() is { Length: > 0 } outcomes)
        {
            draft.Appends.Add(new TopicAppend { Topic = topic, Partition = 0, Messages = outcomes });
        }

        return draft;
    }

    /// <summary>Failures that may be over by the next try; nothing was stored.</summary>
    private static bool IsPassing(BrokerErrorCode code) =>
        code is BrokerErrorCode.Overloaded or BrokerErrorCode.DiskFull or BrokerErrorCode.Unreachable;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

/// <summary>What the commit loop of a flow needs.</summary>
internal sealed record CommitContext
{
    public required string Flow { get; init; }

    public required IBroker Broker { get; init; }

    /// <summary>Where what becomes of messages is written down; null for nowhere.</summary>
    public string? OutcomeTopic { get; init; }

    public required FlowLedger Ledger { get; init; }

    /// <summary>The source now open.</summary>
    public required Func<IFlowSource> Source { get; init; }

    public required FlowLimits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required FlowMeter Meter { get; init; }

    public required FlowTracer Tracer { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Told of work whose commit was refused.</summary>
    public required Action<PartitionWork> Refused { get; init; }

    /// <summary>Told after each unit.</summary>
    public required Action Changed { get; init; }
}
