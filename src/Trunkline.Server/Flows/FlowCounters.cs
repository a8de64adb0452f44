namespace Trunkline.Server.Flows;

/// <summary>Counts of one flow since the node started. Guarded by the lock of <see cref="FlowLedger"/>; retries are counted by lanes.</summary>
internal sealed class FlowCounters
{
    private readonly Dictionary<string, long> _out = new(StringComparer.Ordinal);
    private long _delivered;
    private long _filtered;
    private long _deadLettered;
    private long _parked;
    private long _delayed;
    private long _retries;
    private long _missed;

    /// <summary>Messages taken from the source, and of timers that ran.</summary>
    public long In { get; set; }

    /// <summary>Counts what a unit made durable.</summary>
    public void Add(UnitGather gather)
    {
        In += gather.TimersRun;
        _delivered += gather.Delivered;
        _filtered += gather.Filtered;
        _deadLettered += gather.DeadLettered;
        _parked += gather.Parked;
        _delayed += gather.Delayed;
        foreach (var (target, messages) in gather.Appends)
        {
            _out[target.Sink] = _out.GetValueOrDefault(target.Sink) + messages.Count;
        }
    }

    /// <summary>A further try was scheduled.</summary>
    public void Retried() => Interlocked.Increment(ref _retries);

    /// <summary>Messages were gone before this flow saw them.</summary>
    public void Missed(long count) => Interlocked.Add(ref _missed, count);

    public FlowCounts Copy() => new()
    {
        In = In,
        Delivered = _delivered,
        Filtered = _filtered,
        DeadLettered = _deadLettered,
        Parked = _parked,
        Delayed = _delayed,
        Retries = Interlocked.Read(ref _retries),
        Missed = Interlocked.Read(ref _missed),
        Out = new Dictionary<string, long>(_out, StringComparer.Ordinal),
    };
}

/// <summary>Counts of one flow since it was started on this node. All but <see cref="In"/> and <see cref="Retries"/> count durable results only.</summary>
public sealed record FlowCounts
{
    /// <summary>Messages taken from the source; more than the others together while some are in flight, or after work was dropped.</summary>
    public long In { get; init; }

    /// <summary>Messages a branch took.</summary>
    public long Delivered { get; init; }

    /// <summary>Messages a filter, or the lack of a matching branch, ended.</summary>
    public long Filtered { get; init; }

    /// <summary>Messages that went to the dead letters.</summary>
    public long DeadLettered { get; init; }

    /// <summary>Messages that came to wait behind an earlier one of their key; released ones count again as what became of them.</summary>
    public long Parked { get; init; }

    /// <summary>Times a message was put off to a later try, with its lane given back; it counts again as what became of it.</summary>
    public long Delayed { get; init; }

    /// <summary>Further tries scheduled.</summary>
    public long Retries { get; init; }

    /// <summary>Messages retention took before the flow saw them.</summary>
    public long Missed { get; init; }

    /// <summary>Messages appended per sink (for a sink with an outbox: put into it); <c>dead</c> stands for the dead letters.</summary>
    public IReadOnlyDictionary<string, long> Out { get; init; } = new Dictionary<string, long>();
}
