namespace Trunkline.Messaging.Consuming;

/// <summary>A message in a consumer's window.</summary>
internal sealed class LeasedItem(StoredMessage stored, int deliveries)
{
    public StoredMessage Stored { get; } = stored;

    public long Offset => Stored.Position.Offset;

    /// <summary>How often it was handed out.</summary>
    public int Deliveries { get; set; } = deliveries;

    public LeaseState State { get; set; }

    /// <summary>The current lease's number.</summary>
    public long Lease { get; set; }

    /// <summary>When the lease runs out, or the delay ends.</summary>
    public DateTimeOffset Until { get; set; }

    /// <summary>True if nobody has it now: it waits with no delay left, or its lease ran out.</summary>
    public bool IsFree(DateTimeOffset now) => State != LeaseState.Settling && Until <= now;
}

/// <summary>Where a message in the window is.</summary>
internal enum LeaseState
{
    /// <summary>Here, perhaps delayed.</summary>
    Waiting,

    /// <summary>Handed out.</summary>
    Leased,

    /// <summary>In a commit under way: neither settled nor free until that ends.</summary>
    Settling,
}
