namespace Trunkline.Messaging.Topics;

/// <summary>When an append is acknowledged relative to the disk.</summary>
public enum DurabilityKind
{
    /// <summary>After the data is synced: survives <c>kill -9</c> and power loss. The default.</summary>
    Sync,

    /// <summary>At once; synced at most the interval later: a power loss may take the last interval.</summary>
    Interval,

    /// <summary>At once; synced when the system likes.</summary>
    None,
}

/// <summary>A topic's durability.</summary>
/// <param name="Kind">The policy.</param>
/// <param name="Interval">Only for <see cref="DurabilityKind.Interval"/>: at least 1 ms.</param>
public readonly record struct Durability(DurabilityKind Kind, TimeSpan Interval = default)
{
    /// <summary>Acknowledged after the sync.</summary>
    public static Durability Sync => new(DurabilityKind.Sync);

    /// <summary>Never waits for the disk.</summary>
    public static Durability None => new(DurabilityKind.None);

    /// <summary><c>sync</c>, <c>interval(50ms)</c> or <c>none</c>, as in the project file.</summary>
    public override string ToString() => Kind switch
    {
        DurabilityKind.Sync => "sync",
        DurabilityKind.None => "none",
        _ => FormattableString.Invariant($"interval({Interval.TotalMilliseconds:0}ms)"),
    };
}
