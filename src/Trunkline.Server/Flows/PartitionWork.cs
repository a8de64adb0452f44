using System.Diagnostics;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;
using Trunkline.Server.Flows.Delays;
using Trunkline.Server.Flows.Tenants;
using Trunkline.Server.Outcomes;
using Trunkline.Server.State;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>Where a partition's work stands with this flow.</summary>
internal enum PartitionState
{
    /// <summary>Ours, at work.</summary>
    Owned,

    /// <summary>Ours, stopped by the failure policy: nothing new is begun, what was completed is still committed.</summary>
    Stopped,

    /// <summary>Taken away, or given anew: nothing of it may be committed.</summary>
    Dropped,
}

/// <summary>
/// One assignment of one partition: what is delivered, completed and waiting for the next unit. A new assignment is a new
/// object, so that late results of an old one cannot be mistaken. Guarded by the lock of <see cref="FlowLedger"/>, but for
/// <see cref="State"/>, which lanes read without it to leave useless work early.
/// </summary>
internal sealed class PartitionWork(int partition, Progress progress, PartitionFailures failures)
{
    private volatile PartitionState _state;
    private long _deliveredUntil = progress.Next;

    public int Partition { get; } = partition;

    /// <summary>Its parked keys and delayed messages.</summary>
    public ParkedKeys Parked => failures.Parked;

    /// <summary>The entry of the message's key if that is parked; null if it is not.</summary>
    public ParkedKey? ParkedFor(StoredMessage message) => Parked.Count > 0 && message.Message.Key is { } key ? Parked.Find(key) : null;

    /// <summary>Tries of messages that wait in place; null where they are not kept.</summary>
    public TryCounts? Tries => failures.Tries;

    /// <summary>What is remembered of its keys; null where nothing is, as with the outbox of a sink.</summary>
    public KeyStates? States { get; init; }

    /// <summary>What was passed over; null where everything is taken in order.</summary>
    public ReadAhead? Ahead { get; init; }

    /// <summary>What tenants have in hand of it, where it is read ahead.</summary>
    public TenantHands Hands { get; } = new();

    /// <summary>Everything below is delivered or passed over, or needs no work.</summary>
    public long DeliveredUntil => Volatile.Read(ref _deliveredUntil);

    public CompletionTracker Tracker { get; } = new(progress);

    public PartitionState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>True while new work may begin.</summary>
    public bool IsOwned => _state == PartitionState.Owned;

    public int InFlight { get; set; }

    public long InFlightBytes { get; set; }

    public bool Paused { get; set; }

    /// <summary>Why the partition was stopped; null unless it was.</summary>
    public string? StopReason { get; set; }

    /// <summary>What waits for the next unit; null when nothing does.</summary>
    public UnitGather? Gather { get; set; }

    /// <summary>Messages below the offset were delivered, or are gone; what earlier lives completed above is not delivered again.</summary>
    public void Delivered(long until)
    {
        foreach (var range in progress.CompletedAbove)
        {
            until = range.From <= until ? Math.Max(until, range.Until) : until;
        }

        Volatile.Write(ref _deliveredUntil, Math.Max(until, _deliveredUntil));
    }
}

/// <summary>Finished messages of one partition and what they gave, in order, waiting for a unit.</summary>
internal sealed class UnitGather
{
    public List<CompletedMessage> Completed { get; } = [];

    public List<TargetMessages> Appends { get; } = [];

    public List<StateWrite> State { get; } = [];

    /// <summary>What became of them.</summary>
    public OutcomeBatch Outcomes { get; } = new();

    /// <summary>Those who wait until this is durable.</summary>
    public List<LaneErrand> Errands { get; } = [];

    /// <summary>What becomes of the states of keys, one entry a key: of a key written often only the last is stored.</summary>
    public Dictionary<MessageKey, StateChange> Changes { get; } = [];

    /// <summary>Those who wait for a state to be gone.</summary>
    public List<StateVisit.Drop> Drops { get; } = [];

    /// <summary>Visits that ended.</summary>
    public int Visits { get; private set; }

    /// <summary>Of those, timers whose message ran.</summary>
    public int TimersRun { get; private set; }

    public int Delivered { get; private set; }

    public int Filtered { get; private set; }

    public int DeadLettered { get; private set; }

    public int Parked { get; private set; }

    public int Delayed { get; private set; }

    /// <summary>Contexts of the messages' spans; empty unless somebody listens.</summary>
    public List<ActivityContext> Spans { get; } = [];

    public void Add(LaneOutput output)
    {
        Spans.AddRange(output.Spans);
        foreach (var change in output.Changes)
        {
            Changes[change.Key] = Changes.TryGetValue(change.Key, out var earlier) ? earlier.Then(change) : change;
        }

        Drops.AddRange(output.Drops);
        Visits += output.Visits;
        TimersRun += output.TimersRun;
        State.AddRange(output.State);
        Errands.AddRange(output.Errands);
        Delayed += output.Delayed;
        Outcomes.Add(output.Outcomes.Bytes);
        Parked += output.Parked;
        Completed.AddRange(output.Completed);
        Delivered += output.Delivered;
        Filtered += output.Filtered;
        DeadLettered += output.DeadLettered;
        foreach (var (target, message) in output.Messages)
        {
            TargetMessages.Of(Appends, target).Messages.Add(message);
        }
    }
}

/// <summary>One partition's part of a unit.</summary>
/// <param name="Work">The assignment.</param>
/// <param name="Gather">What is finished.</param>
/// <param name="Progress">The progress it makes.</param>
internal readonly record struct TakenWork(PartitionWork Work, UnitGather Gather, Progress Progress);

/// <summary>Messages for one topic.</summary>
/// <param name="Target">Where they go.</param>
/// <param name="Messages">In order.</param>
internal readonly record struct TargetMessages(SinkTarget Target, List<Message> Messages)
{
    /// <summary>The entry of a topic, made if missing. A flow has a handful of targets, so a scan is the fastest look-up.</summary>
    public static TargetMessages Of(List<TargetMessages> all, SinkTarget target)
    {
        foreach (var entry in all)
        {
            if (ReferenceEquals(entry.Target, target) || (entry.Target.Topic == target.Topic && entry.Target.Partition == target.Partition))
            {
                return entry;
            }
        }

        var added = new TargetMessages(target, []);
        all.Add(added);
        return added;
    }
}

/// <summary>What a lane group finished since it last handed over: one partition's messages, reused after each hand-over.</summary>
internal sealed class LaneOutput
{
    public List<CompletedMessage> Completed { get; } = [];

    public List<(SinkTarget Target, Message Message)> Messages { get; } = [];

    public List<StateWrite> State { get; } = [];

    /// <summary>What became of them.</summary>
    public OutcomeSegment Outcomes { get; } = new();

    /// <summary>Those who wait until this is durable.</summary>
    public List<LaneErrand> Errands { get; } = [];

    public List<StateChange> Changes { get; } = [];

    /// <summary>Contexts of the messages' spans; empty unless somebody listens.</summary>
    public List<ActivityContext> Spans { get; } = [];

    public List<StateVisit.Drop> Drops { get; } = [];

    /// <summary>Visits that ended.</summary>
    public int Visits { get; private set; }

    /// <summary>Of those, timers whose message ran.</summary>
    public int TimersRun { get; private set; }

    public bool IsEmpty => Completed.Count == 0 && Messages.Count == 0 && State.Count == 0 && Errands.Count == 0 && Changes.Count == 0 && Visits == 0;

    public int Parked { get; private set; }

    public int Delayed { get; private set; }

    public int Delivered { get; private set; }

    public int Filtered { get; private set; }

    public int DeadLettered { get; private set; }

    public void Complete(StoredMessage message, MessageOutcome outcome)
    {
        Completed.Add(new CompletedMessage(message.Position.Offset, MessageSize.Of(message.Message), outcome) { Tenant = MessageShare.TenantOf(message.Message) });
        Count(outcome);
    }

    /// <summary>What was due for a key is done.</summary>
    public void EndVisit() => Visits++;

    /// <summary>Counts the message of a timer, which the source did not deliver.</summary>
    public void CountTimer(MessageOutcome outcome)
    {
        TimersRun++;
        Count(outcome);
    }

    /// <summary>Counts a message that completes no offset of the source: a parked one, released.</summary>
    public void Count(MessageOutcome outcome)
    {
        switch (outcome)
        {
            case MessageOutcome.Parked:
                Parked++;
                break;
            case MessageOutcome.Delayed:
                Delayed++;
                break;
            case MessageOutcome.Delivered:
                Delivered++;
                break;
            case MessageOutcome.Filtered:
                Filtered++;
                break;
            default:
                DeadLettered++;
                break;
        }
    }

    public void Clear()
    {
        Spans.Clear();
        Completed.Clear();
        Messages.Clear();
        State.Clear();
        Errands.Clear();
        Outcomes.Clear();
        Changes.Clear();
        Drops.Clear();
        Visits = 0;
        TimersRun = 0;
        Parked = 0;
        Delayed = 0;
        Delivered = 0;
        Filtered = 0;
        DeadLettered = 0;
    }
}
