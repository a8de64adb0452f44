using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.Flows.Poison;
using Trunkline.Server.Flows.Redrives;
using Trunkline.Server.State;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>What a lane group finds in its inbox: a closed family.</summary>
internal abstract class LaneItem;

/// <summary>Work somebody waits for: told when the unit with its outcome is durable, or when nothing of it counts.</summary>
internal abstract class LaneErrand : LaneItem
{
    /// <summary>The unit is durable.</summary>
    public abstract void Settle();

    /// <summary>Nothing of it counts, or it has to wait.</summary>
    public abstract void Interrupt();
}

/// <summary>Messages of one partition for one lane group, in offset order.</summary>
internal sealed class LaneBatch(PartitionWork work, StoredMessage[] messages, int count) : LaneItem
{
    private int _taken;

    public PartitionWork Work => work;

    public bool IsEmpty => _taken == count;

    public StoredMessage Head => messages[_taken];

    /// <summary>Why the lane is asked to turn to the key of its only message; null for messages of the source.</summary>
    public StateVisit? Visit { get; init; }

    public void Advance() => messages[_taken++] = null!;
}

/// <summary>A revision to begin new messages with.</summary>
internal sealed class LaneSwitch(FlowRevision revision) : LaneItem
{
    public FlowRevision Revision => revision;
}

/// <summary>A parked message whose turn has come.</summary>
/// <param name="work">Its partition.</param>
/// <param name="message">The parked copy.</param>
/// <param name="parked">The entry of its key.</param>
internal sealed class LaneRelease(PartitionWork work, StoredMessage message, ParkedKey parked) : LaneItem
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PartitionWork Work => work;

    public StoredMessage Message => message;

    public ParkedKey Parked => parked;

    /// <summary>Its number among those parked.</summary>
    public int Number { get; } = parked.NumberOf(message.Message);

    /// <summary>It counts as released without being run.</summary>
    public bool Skip { get; init; }

    /// <summary>The dead letter that is dealt with by this; null if there is none, or it is not known.</summary>
    public RedriveOrder? Letter { get; init; }

    /// <summary>It killed the process too often: it becomes a dead letter without being run.</summary>
    public bool IsPoison { get; init; }

    /// <summary>The message as it is to run.</summary>
    public StoredMessage Original() => Letter is { Deed: LetterDeed.Edited } edited ? edited.Message : ParkedKey.Restore(message);

    /// <summary>True when it is through, false when it failed again or the partition went.</summary>
    public Task<bool> Done => _done.Task;

    public void Finish(bool released) => _done.TrySetResult(released);
}

/// <summary>A release of a parked key begins: noted, so that a death during it is seen.</summary>
internal sealed class LaneBegin(PartitionWork work, ParkedKey parked) : LaneItem
{
    public PartitionWork Work => work;

    public ParkedKey Parked => parked;
}

/// <summary>Opens a parked key if nothing waits any more.</summary>
internal sealed class LaneOpen(PartitionWork work, ParkedKey parked) : LaneItem
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PartitionWork Work => work;

    public ParkedKey Parked => parked;

    /// <summary>True if it is open; false if more came meanwhile.</summary>
    public Task<bool> Done => _done.Task;

    public void Finish(bool open) => _done.TrySetResult(open);
}

/// <summary>
/// A message that could not be finished at once: its step waits for something outside, or it waits for its next try, or for its
/// turn behind another of its key. Owned by one lane group; the waits only post it back into the inbox.
/// </summary>
internal sealed class HeldMessage(PartitionWork work, StoredMessage message) : LaneItem
{
    public PartitionWork Work => work;

    public StoredMessage Message => message;

    /// <summary>A parked message whose turn has come.</summary>
    public static HeldMessage Of(LaneRelease release) => new(release.Work, release.Original())
    {
        Release = release,
        Attempt = release.Parked.Attempts + 1,
        FirstFailedAt = release.Parked.FirstFailedAt,
    };

    /// <summary>A dead letter's message that runs again.</summary>
    public static HeldMessage Of(LaneRedrive redrive) => new(redrive.Work, redrive.Order.Message) { Redrive = redrive };

    /// <summary>A message that may have killed the process.</summary>
    public static HeldMessage Of(LaneSuspect suspect)
    {
        var past = suspect.Work.Tries?.Find(suspect.Message.Position.Offset);
        return new HeldMessage(suspect.Work, suspect.Message)
        {
            Suspect = suspect,
            Attempt = (past?.Attempts ?? 0) + 1,
            FirstFailedAt = past?.FirstFailedAt,
        };
    }

    /// <summary>Set if it is a parked message whose turn has come; null otherwise.</summary>
    public LaneRelease? Release { get; init; }

    /// <summary>Set if it runs alone because it may have killed the process; null otherwise.</summary>
    public LaneSuspect? Suspect { get; init; }

    /// <summary>Set if it is no message of the source but something due for its key; null otherwise.</summary>
    public StateVisit? Visit { get; init; }

    /// <summary>Set if it is a dead letter's message that runs again; null otherwise.</summary>
    public LaneRedrive? Redrive { get; init; }

    /// <summary>True if it was delivered by the source, and counts as in flight.</summary>
    public bool IsInFlight => Release is null && Redrive is null;

    /// <summary>The revision it began with; null until it begins.</summary>
    public RevisionLanes? Lanes { get; set; }

    /// <summary>The try it is at, 1 for the first.</summary>
    public int Attempt { get; set; } = 1;

    /// <summary>When it failed first; null if it did not yet.</summary>
    public DateTimeOffset? FirstFailedAt { get; set; }

    /// <summary>Answers to it that could not be used.</summary>
    public int PoisonAnswers { get; set; }

    /// <summary>The lane that works on it now.</summary>
    public IPipeline? Pipeline { get; set; }

    /// <summary>Whose lane it is.</summary>
    public string LaneOf { get; set; } = "";

    /// <summary>The answer; null if the work was cancelled.</summary>
    public PipelineResult? Result { get; set; }

    /// <summary>When the try began (timestamp of the time provider).</summary>
    public long StartedAt { get; set; }

    /// <summary>The span of the try; null unless somebody listens.</summary>
    public MessageSpan? Span { get; set; }

    /// <summary>When it began to wait for its next try; null if it did not.</summary>
    public DateTimeOffset? WaitsSince { get; set; }

    /// <summary>Runs until the next try.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>A try begins: what the message waited for before it is told apart from the work.</summary>
    public void BeginSpan(MessageSpan? span)
    {
        Span = span;
        if (WaitsSince is { } failed)
        {
            span?.Waited(SpanNames.RetryWait, failed);
        }
        else if (Release is not null)
        {
            span?.Waited(SpanNames.ParkedWait, Release.Message.AppendedAt);
        }
    }

    /// <summary>The try it is at.</summary>
    public LaneTry Try() => new(work, message, Lanes!, Attempt, Release) { FirstFailedAt = FirstFailedAt, PoisonBefore = PoisonAnswers, Redrive = Redrive, Visit = Visit, Span = Span };

    /// <summary>Later messages of its key, in order. Bounded by what the flow may have in flight.</summary>
    public Queue<HeldMessage>? Followers { get; set; }
}

/// <summary>The lanes one lane group keeps for one revision: pipelines that are not at work now. Not thread-safe.</summary>
internal sealed class RevisionLanes(FlowRevision revision)
{
    private readonly Stack<IPipeline> _free = new();
    private readonly Dictionary<int, SinkTarget> _parked = [];
    private bool _retired;

    public FlowRevision Revision => revision;

    public SinkTarget Dead { get; } = new("dead", revision.Rules.DeadTopic, int.MaxValue);

    /// <summary>Where messages of a partition's parked keys wait.</summary>
    public SinkTarget Parked(int partition)
    {
        if (!_parked.TryGetValue(partition, out var target))
        {
            target = new SinkTarget("parked", revision.Rules.ParkedTopic, int.MaxValue) { Partition = partition };
            _parked.Add(partition, target);
        }

        return target;
    }

    public SinkTarget Effects { get; } = new("effects", revision.Rules.EffectTopic, int.MaxValue);

    /// <summary>Held messages that began with this revision.</summary>
    public int Uses { get; set; }

    /// <summary>Nothing begins or finishes with them any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The lane used last comes first: its caches are warm, and a flow that never waits makes only one.</summary>
    public IPipeline Rent() => _free.TryPop(out var pipeline) ? pipeline : revision.Pipelines.Create();

    public void Return(IPipeline pipeline) => _free.Push(pipeline);

    /// <summary>New messages begin elsewhere; the lanes go when the last held message is through.</summary>
    public void Retire()
    {
        _retired = true;
        CloseIfUnused();
    }

    public void Release()
    {
        Uses--;
        CloseIfUnused();
    }

    /// <summary>Closes for good, whatever is held: the flow stops. Idempotent.</summary>
    public void Close()
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        revision.Leave();
        while (_free.TryPop(out var pipeline))
        {
            pipeline.Dispose();
        }
    }

    private void CloseIfUnused()
    {
        if (_retired && Uses == 0)
        {
            Close();
        }
    }
}
