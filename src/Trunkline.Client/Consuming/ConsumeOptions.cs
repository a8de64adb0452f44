using Trunkline.Client.Api;

namespace Trunkline.Client.Consuming;

/// <summary>How messages of a group are consumed. Immutable.</summary>
public sealed record ConsumeOptions
{
    /// <summary>Handlers that run at once, 1 to 1000. Messages of a key come one at a time whatever this is. Default 8.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>
    /// Messages in hand at most: lent and not settled. At it nothing is fetched, so that a slow handler makes the rest wait at the node and not
    /// in this process. At least <see cref="Concurrency"/>, at most 1000. Default 64.
    /// </summary>
    public int InHandMax { get; init; } = 64;

    /// <summary>
    /// Lease on each message, 1 s to 1 h; what is in hand is extended for as long as its handler takes. After a crash the messages that were in
    /// hand come again when it ends. Default 30 s.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The fields of bodies the handler reads, told to the node before the first message: names joined by dots, <c>*</c> for every item of a list.
    /// Whoever wants to remove one is told of this group. Null to say nothing; at most 1000.
    /// </summary>
    public IReadOnlyList<string>? Reads { get; init; }

    /// <summary>With <see cref="Reads"/>: who answers for this consumer, best an owner of the project; null for nobody.</summary>
    public string? Owner { get; init; }

    /// <summary>With <see cref="Reads"/>: this program's version; null for none.</summary>
    public string? Version { get; init; }

    /// <summary>
    /// The version of the topic's subject that messages are read as: older ones come upgraded and newer ones projected, so that producers may move first or last. Null for as they
    /// were written.
    /// </summary>
    public int? SchemaVersion { get; init; }

    /// <summary>True if a group that never committed begins at the end of the topic. Default false: at the oldest message.</summary>
    public bool FromLatest { get; init; }

    /// <summary>How long a message whose handler failed is kept back the first time; twice that the next time, and so on. Default 1 s.</summary>
    public TimeSpan RetryMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest a message is kept back, up to 1 h. Default 1 min.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After a stop is asked for: how long handlers may go on before their token is cancelled, and again how long what is settled may take to reach the node. Default 10 s.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Told of trouble that the consumer lives with: a handler that failed, with its message; a node that cannot be reached, with null. Called from
    /// several threads at once; must return soon and not throw. Null for nobody.
    /// </summary>
    public Action<Exception, EventView?>? Trouble { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Check()
    {
        Within(Concurrency, 1, 1000, nameof(Concurrency));
        Within(InHandMax, Concurrency, 1000, nameof(InHandMax));
        Within(Lease, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), nameof(Lease));
        Within(RetryMin, TimeSpan.Zero, TimeSpan.FromHours(1), nameof(RetryMin));
        Within(RetryMax, RetryMin, TimeSpan.FromHours(1), nameof(RetryMax));
        Within(DrainTime, TimeSpan.Zero, TimeSpan.FromHours(1), nameof(DrainTime));
    }

    internal TimeSpan RetryDelay(int attempt)
    {
        var delay = RetryMin * Math.Pow(2, Math.Clamp(attempt - 1, 0, 30));
        return delay < RetryMax ? delay : RetryMax;
    }

    private static void Within<TValue>(TValue value, TValue min, TValue max, string name)
        where TValue : IComparable<TValue>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {min} to {max}.");
        }
    }
}
