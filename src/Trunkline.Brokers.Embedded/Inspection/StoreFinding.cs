namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>What can be wrong with a store.</summary>
public enum StoreFindingKind
{
    /// <summary>The file FORMAT is missing, unreadable, or names a newer format.</summary>
    FormatUnknown,

    /// <summary>A file of the store is missing or damaged: it opens only in part, or not at all.</summary>
    FilesDamaged,

    /// <summary>Changes in the middle of the log cannot be read, and those behind them can.</summary>
    ChangesLost,

    /// <summary>The marks of what was acknowledged are missing or damaged, so a cut of the log could not be told.</summary>
    MarkUnreadable,

    /// <summary>The mark says it was acknowledged, and it is not there.</summary>
    AcknowledgedMissing,

    /// <summary>Offsets that are stored and cannot be read.</summary>
    OffsetsDamaged,

    /// <summary>Offsets that should be stored and are not.</summary>
    OffsetsMissing,

    /// <summary>Batches reach beyond the end the partition names, or overlap.</summary>
    OffsetsContradict,

    /// <summary>A group stands beyond the end of a partition.</summary>
    PositionBeyondEnd,

    /// <summary>A group stands below the oldest offset of a topic that keeps everything.</summary>
    PositionBelowLow,

    /// <summary>A topic, position, dedupe entry or state entry cannot be read.</summary>
    EntryUnreadable,
}

/// <summary>One thing wrong with a store.</summary>
/// <param name="Kind">What.</param>
/// <param name="Topic">Of which topic; null if of the whole store.</param>
/// <param name="Partition">Of which partition.</param>
/// <param name="From">First offset it is about.</param>
/// <param name="To">Last offset it is about.</param>
/// <param name="Detail">For people.</param>
public sealed record StoreFinding(StoreFindingKind Kind, string? Topic, int? Partition, long? From, long? To, string Detail)
{
    internal static StoreFinding OfStore(StoreFindingKind kind, string detail) => new(kind, null, null, null, null, detail);
}

/// <summary>What an inspection saw.</summary>
/// <param name="Topics">Topics read.</param>
/// <param name="Batches">Batches whose checksum holds.</param>
/// <param name="Messages">Messages in them.</param>
/// <param name="Findings">What is wrong, in the order of topics, partitions and offsets; empty if nothing is.</param>
public sealed record StoreReport(int Topics, long Batches, long Messages, IReadOnlyList<StoreFinding> Findings);
