using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows.Redrives;

/// <summary>What became of a redriven message.</summary>
public enum RedriveResult
{
    /// <summary>It went through the flow; that is durable.</summary>
    Redriven,

    /// <summary>It failed again and is a newer dead letter.</summary>
    FailedAgain,

    /// <summary>It failed again and is tried later by itself.</summary>
    Delayed,

    /// <summary>Its key is parked: it waits in line behind what waits there.</summary>
    Parked,

    /// <summary>It was dealt with before: nothing was done.</summary>
    AlreadyDone,

    /// <summary>Somebody else is at it now: nothing was done.</summary>
    Busy,

    /// <summary>The flow stopped, or does not work: nothing was done, or what was done is told by the mark.</summary>
    Interrupted,

    /// <summary>There is no such flow or sink any more: nothing was done.</summary>
    NoFlow,
}

/// <summary>A dead letter whose message is to run again.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Place">The dead letter.</param>
/// <param name="Topic">Where the message stood: a topic or source.</param>
/// <param name="Message">The message as it was, or as edited, with its place there.</param>
/// <param name="Deed">How the dead letter is marked.</param>
internal sealed record RedriveOrder(string Flow, LetterPlace Place, string Topic, StoredMessage Message, LetterDeed Deed)
{
    /// <summary>True if it is of a topic, not of a flow: its message goes into the topic.</summary>
    public bool IsOfTopic { get; init; }

    /// <summary>The write that marks the dead letter.</summary>
    public StateWrite Mark(DateTimeOffset now) => new LetterMark(Deed, now).Write(Flow, Place);
}

/// <summary>A redriven message on its way through a lane group: at its turn behind others of its key.</summary>
internal sealed class LaneRedrive(PartitionWork work, RedriveOrder order) : LaneErrand
{
    private readonly TaskCompletionSource<RedriveResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PartitionWork Work => work;

    public RedriveOrder Order => order;

    /// <summary>What became of it, once that is durable.</summary>
    public Task<RedriveResult> Done => _done.Task;

    /// <summary>What a lane booked; told when its unit is durable.</summary>
    public RedriveResult Booked { get; set; } = RedriveResult.Interrupted;

    /// <summary>The unit is durable.</summary>
    public override void Settle() => _done.TrySetResult(Booked);

    /// <summary>Nothing of it counts.</summary>
    public override void Interrupt() => _done.TrySetResult(RedriveResult.Interrupted);
}
