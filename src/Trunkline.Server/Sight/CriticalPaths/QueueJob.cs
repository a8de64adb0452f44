namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>Which try it is, in traces and among the tries that are kept alike.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Sink">The sink; null for the flow itself.</param>
/// <param name="Partition">Where the message stands.</param>
/// <param name="Offset">Where the message stands.</param>
/// <param name="Began">When it began, nanoseconds since 1970.</param>
internal readonly record struct TryKey(string Flow, string? Sink, int Partition, long Offset, long Began);

/// <summary>A try as the replay of queues sees it. Times are nanoseconds.</summary>
/// <param name="Try">Which it is.</param>
/// <param name="Line">The lanes that take it.</param>
/// <param name="Lanes">Messages these work on at once.</param>
/// <param name="Key">Its key, as a hash: of equal ones only one is worked on; null for none.</param>
/// <param name="Came">From when on it waits.</param>
internal sealed record QueueJob(TryKey Try, (string Flow, string? Sink, int Group) Line, int Lanes, int? Key, long Came)
{
    /// <summary>False if its lanes did nothing else meanwhile.</summary>
    public bool Waits { get; init; }

    /// <summary>What it does, one after the other.</summary>
    public IReadOnlyList<QueuePiece> Pieces { get; init; } = [];

    /// <summary>The next try of the same message, whose key stays taken until then; null for none.</summary>
    public (QueueJob Job, long After)? Next { get; set; }
}

/// <summary>A stretch of a try.</summary>
/// <param name="Owner">Whose time.</param>
/// <param name="Length">How long.</param>
/// <param name="Model">The model that is asked meanwhile; null for none.</param>
/// <param name="IsWait">True for the wait for room at the model.</param>
internal readonly record struct QueuePiece(string Owner, long Length, string? Model, bool IsWait);

/// <summary>How long a try waited.</summary>
/// <param name="Wait">For its turn.</param>
/// <param name="Rooms">For room at models, one after the other.</param>
internal sealed record QueueWaits(long Wait, IReadOnlyList<long> Rooms);
