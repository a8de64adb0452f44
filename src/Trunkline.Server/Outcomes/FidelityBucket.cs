using System.Collections.ObjectModel;

namespace Trunkline.Server.Outcomes;

/// <summary>What can be wrong with the way of a message; each lowers its own share.</summary>
[Flags]
internal enum FidelityFault : byte
{
    None = 0,

    /// <summary>It is delivered to no sink, or not to all: dead-lettered, parked, shed or expired.</summary>
    NotDelivered = 1,

    /// <summary>A sink got it more than once.</summary>
    Doubled = 2,

    /// <summary>A sink got it after a later one of its key.</summary>
    OutOfOrder = 4,

    /// <summary>It took longer than the flow's SLO allows.</summary>
    Late = 8,

    /// <summary>Another model or way than the flow names gave the answer.</summary>
    Degraded = 16,
}

/// <summary>How a message failed: its outcome, why, and the sink that gave it up; an empty sink is the flow itself.</summary>
internal readonly record struct OutcomeKind(OutcomeState State, string Cause, string Sink);

/// <summary>Counts of one flow and tenant in one minute. Not thread-safe.</summary>
internal sealed class FidelityBucket
{
    /// <summary>Kinds counted apart; later ones count as <see cref="OtherCauses"/>.</summary>
    public const int KindsMax = 64;

    /// <summary>The cause of kinds beyond the bound.</summary>
    public const string OtherCauses = "(others)";

    // Most minutes have no failure at all.
    private Dictionary<OutcomeKind, long>? _failed;

    /// <summary>Told of every count as it is made; null for nobody.</summary>
    public Action<FidelityFault, int>? Counted { get; init; }

    /// <summary>Messages that were to be delivered.</summary>
    public long Due { get; private set; }

    /// <summary>Messages a filter ended.</summary>
    public long Filtered { get; set; }

    public long NotDelivered { get; private set; }

    public long Doubled { get; private set; }

    public long OutOfOrder { get; private set; }

    public long Late { get; private set; }

    public long Degraded { get; private set; }

    /// <summary>Messages with any fault.</summary>
    public long Faulty { get; private set; }

    /// <summary>Counts a message with its faults, or takes it out again.</summary>
    public void Count(FidelityFault faults, int by)
    {
        Counted?.Invoke(faults, by);
        Due += by;
        Faulty += faults == FidelityFault.None ? 0 : by;
        NotDelivered += (faults & FidelityFault.NotDelivered) == 0 ? 0 : by;
        Doubled += (faults & FidelityFault.Doubled) == 0 ? 0 : by;
        OutOfOrder += (faults & FidelityFault.OutOfOrder) == 0 ? 0 : by;
        Late += (faults & FidelityFault.Late) == 0 ? 0 : by;
        Degraded += (faults & FidelityFault.Degraded) == 0 ? 0 : by;
    }

    /// <summary>How many failed, by kind; those of a sink are among the delivered of the flow.</summary>
    public IReadOnlyDictionary<OutcomeKind, long> Failed => _failed ?? (IReadOnlyDictionary<OutcomeKind, long>)ReadOnlyDictionary<OutcomeKind, long>.Empty;

    /// <summary>Counts a failed message, or takes it out again.</summary>
    public void CountFailed(OutcomeKind kind, long by)
    {
        _failed ??= [];
        if (_failed.Count >= KindsMax && !_failed.ContainsKey(kind))
        {
            kind = new OutcomeKind(kind.State, OtherCauses, kind.Sink.Length == 0 ? "" : OtherCauses);
        }

        _failed[kind] = _failed.GetValueOrDefault(kind) + by;
    }

    public void Add(FidelityBucket other)
    {
        foreach (var (kind, count) in other._failed ?? [])
        {
            CountFailed(kind, count);
        }

        Due += other.Due;
        Filtered += other.Filtered;
        NotDelivered += other.NotDelivered;
        Doubled += other.Doubled;
        OutOfOrder += other.OutOfOrder;
        Late += other.Late;
        Degraded += other.Degraded;
        Faulty += other.Faulty;
    }
}
