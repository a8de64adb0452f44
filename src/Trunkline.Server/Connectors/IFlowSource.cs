using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Server.Connectors;

/// <summary>
/// Where a flow's messages come from: a topic, a folder, or requests. It speaks the events of a subscription, and puts its own
/// record of what is done into the commit unit, so that outputs and cursor are one. One reader; the other members are thread-safe.
/// </summary>
internal interface IFlowSource : IAsyncDisposable
{
    /// <summary>What steps see as the origin: the topic, or the source's name.</summary>
    string Topic { get; }

    /// <summary>The token commits need, or null where nothing can be taken away.</summary>
    FencingToken? Fence { get; }

    /// <summary>Why nothing comes from it at the moment, for people and without secrets; null if all is well.</summary>
    string? Trouble => null;

    /// <summary>How appends made from this source recognise repeats.</summary>
    DedupeMode Dedupe { get; }

    /// <summary>Waits for the next event.</summary>
    ValueTask<SubscriptionEvent> ReceiveAsync(int maxMessages, CancellationToken cancellationToken);

    /// <summary>Stops deliveries of a partition.</summary>
    void Pause(int partition);

    /// <summary>Resumes them.</summary>
    void Resume(int partition);

    /// <summary>Adds the source's record of the completed messages to the unit.</summary>
    void Record(int partition, IReadOnlyList<CompletedMessage> completed, Progress progress, UnitDraft unit);

    /// <summary>Tells that the unit with these messages is durable.</summary>
    void Committed(int partition, IReadOnlyList<CompletedMessage> completed);
}

/// <summary>What became of one message in this flow.</summary>
internal enum MessageOutcome : byte
{
    /// <summary>A branch took it.</summary>
    Delivered,

    /// <summary>A filter ended it.</summary>
    Filtered,

    /// <summary>It went to the dead letters.</summary>
    DeadLettered,

    /// <summary>It waits behind an earlier message of its key that failed.</summary>
    Parked,

    /// <summary>It failed and is tried again later.</summary>
    Delayed,
}

/// <summary>A message the flow is done with, not yet committed.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Bytes">About what it holds in memory.</param>
/// <param name="Outcome">What became of it.</param>
internal readonly record struct CompletedMessage(long Offset, int Bytes, MessageOutcome Outcome)
{
    /// <summary>Whose it is; empty for nobody's.</summary>
    public string Tenant { get; init; } = "";
}

/// <summary>A commit unit while it is put together.</summary>
internal sealed class UnitDraft
{
    public List<TopicAppend> Appends { get; } = [];

    public List<PositionUpdate> Positions { get; } = [];

    public List<StateWrite> State { get; } = [];

    public CommitUnit Build(FencingToken? fence) => new()
    {
        Fence = Positions.Count == 0 ? null : fence,
        Appends = Appends,
        Positions = Positions,
        State = State,
    };
}
