using Trunkline.Messaging;
using Trunkline.Server.Flows.Delays;

namespace Trunkline.Server.Flows.Redrives;

/// <summary>
/// Runs dead letters again in a flow, or at a sink: in the lane of their key, behind what is at work or waits there. The mark that a
/// dead letter is dealt with is written in the unit of what became of its message. Thread-safe.
/// </summary>
internal sealed class FlowRedrives(FlowLedger ledger, KeyReleases releases, Func<Message, LaneGroup> groupOf)
{
    /// <summary>Runs one. Completes when what became of it is durable.</summary>
    public async Task<RedriveResult> RunAsync(RedriveOrder order, CancellationToken cancellationToken)
    {
        if (order.Message.Message.Key is { } key && releases.IsFailedAt(key, order.Message.Position.Offset))
        {
            // Its key waits for just this message: that is released, it first.
            var release = new KeyReleaseOrder(key) { Letter = order };
            var released = await releases.ReleaseAsync(release, cancellationToken);
            return release.IsLetterThrough ? RedriveResult.Redriven : ResultOf(released);
        }

        if (WorkOf(order) is not { } work)
        {
            return RedriveResult.Interrupted;
        }

        var redrive = new LaneRedrive(work, order);
        groupOf(order.Message.Message).Post(redrive);
        return await redrive.Done.WaitAsync(cancellationToken);
    }

    private static RedriveResult ResultOf(KeyReleaseResult released) => released switch
    {
        KeyReleaseResult.Released => RedriveResult.Redriven,
        KeyReleaseResult.FailedAgain => RedriveResult.FailedAgain,
        KeyReleaseResult.Delayed => RedriveResult.Delayed,
        KeyReleaseResult.NotParked => RedriveResult.Busy,
        _ => RedriveResult.Interrupted,
    };

    /// <summary>The partition whose units hold the outcome: where the key is parked, or where the message stood, or any of ours.</summary>
    private PartitionWork? WorkOf(RedriveOrder order)
    {
        var ours = ledger.Ours().Where(w => w.IsOwned).ToArray();
        if (order.Message.Message.Key is { } key && Array.Find(ours, w => w.Parked.Find(key) is not null) is { } parked)
        {
            return parked;
        }

        return Array.Find(ours, w => w.Partition == order.Message.Position.Partition) ?? ours.FirstOrDefault();
    }
}
