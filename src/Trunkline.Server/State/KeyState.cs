using Trunkline.Messaging;

namespace Trunkline.Server.State;

/// <summary>What a flow remembers of one key: a JSON value and timers. Immutable.</summary>
internal sealed record KeyState
{
    /// <summary>The largest value, in bytes of JSON.</summary>
    public const int ValueBytesMax = 64 * 1024;

    /// <summary>Timers a key may have running.</summary>
    public const int TimersMax = 16;

    /// <summary>Nothing is remembered.</summary>
    public static readonly KeyState None = new();

    /// <summary>JSON in UTF-8; empty for none.</summary>
    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>From then on the value is gone; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// When the entry is looked at to remove an expired value; null if it never expires. It may be before <see cref="ExpiresAt"/>: a
    /// value that is written often is not put in line anew each time.
    /// </summary>
    public DateTimeOffset? SweepAt { get; init; }

    /// <summary>Running timers; names differ.</summary>
    public IReadOnlyList<KeyTimer> Timers { get; init; } = [];

    /// <summary>True if there is nothing to keep.</summary>
    public bool IsNone => Value.IsEmpty && Timers.Count == 0;

    /// <summary>About what it holds in memory.</summary>
    public int Bytes => Value.Length + (Timers.Count * 200) + 100;

    /// <summary>The value as a message appended at the given time sees it; empty for none.</summary>
    public ReadOnlyMemory<byte> ValueAt(DateTimeOffset appendedAt) => ExpiresAt <= appendedAt ? default : Value;

    /// <summary>The same without a timer.</summary>
    public KeyState Without(string timer) => this with { Timers = [.. Timers.Where(t => t.Name != timer)] };

    /// <summary>The places of this key in the line of what is due.</summary>
    public IEnumerable<DueTimer> Line(MessageKey key)
    {
        foreach (var timer in Timers)
        {
            yield return new DueTimer(timer.Due, timer.Name, key);
        }

        if (SweepAt is { } sweep)
        {
            yield return new DueTimer(sweep, DueTimer.Sweep, key);
        }
    }
}

/// <summary>A running timer of a key.</summary>
/// <param name="Name">Its name: the flow's word for what it stands for.</param>
/// <param name="Due">When it fires.</param>
/// <param name="SetBy">The message that set it.</param>
internal sealed record KeyTimer(string Name, DateTimeOffset Due, TimerOrigin SetBy);

/// <summary>The message that set a timer, as far as the timer's own message needs it.</summary>
/// <param name="Source">Its source.</param>
/// <param name="Id">Its id.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Headers">Tenant, priority and trace, if it had them.</param>
internal sealed record TimerOrigin(string Source, string Id, long Offset, IReadOnlyList<Header> Headers);

/// <summary>A place in the line of what is due, in order of time.</summary>
/// <param name="Due">When.</param>
/// <param name="Name">The timer, or <see cref="Sweep"/>.</param>
/// <param name="Key">Whose it is.</param>
internal readonly record struct DueTimer(DateTimeOffset Due, string Name, MessageKey Key) : IComparable<DueTimer>
{
    /// <summary>The name that stands for a look at an expired value; no timer is named so.</summary>
    public const string Sweep = "";

    /// <summary>True if it is not a timer.</summary>
    public bool IsSweep => Name.Length == 0;

    /// <inheritdoc/>
    public int CompareTo(DueTimer other)
    {
        var byDue = Due.CompareTo(other.Due);
        if (byDue != 0)
        {
            return byDue;
        }

        var byName = string.CompareOrdinal(Name, other.Name);
        return byName != 0 ? byName : Key.Bytes.Span.SequenceCompareTo(other.Key.Bytes.Span);
    }
}
