namespace Trunkline.Client.Api;

/// <summary>All topics.</summary>
/// <param name="Topics">By name.</param>
public sealed record TopicList(IReadOnlyList<TopicView> Topics);

/// <summary>A topic, how it is kept and what it holds.</summary>
public sealed record TopicView
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>True for Trunkline's own topics (<c>trunkline.*</c>).</summary>
    public bool Internal { get; init; }

    /// <summary><c>sync</c>, <c>interval(50ms)</c> or <c>none</c>.</summary>
    public required string Durability { get; init; }

    /// <summary>Messages older than this may be removed, in milliseconds; null keeps them.</summary>
    public long? RetentionAgeMs { get; init; }

    /// <summary>Bytes per partition before the oldest may be removed; null for no bound.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary>How long duplicates are recognised, in milliseconds.</summary>
    public long DedupeWindowMs { get; init; }

    /// <summary>Largest message, in bytes.</summary>
    public int MessageBytesMax { get; init; }

    /// <summary>True if only the newest message of a key is kept.</summary>
    public bool Compacted { get; init; }

    /// <summary>Schema subject, or null.</summary>
    public string? Subject { get; init; }

    /// <summary>Owner's name, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>The last day it is kept; null if it is to stay.</summary>
    public DateOnly? Sunset { get; init; }

    /// <summary>Messages held, counted as high minus low offset.</summary>
    public long Messages { get; init; }

    /// <summary>Bytes held; 0 where the broker cannot tell.</summary>
    public long StoredBytes { get; init; }

    /// <summary>Time of the newest append, or null.</summary>
    public DateTimeOffset? LastAppendedAt { get; init; }

    /// <summary>Messages per second appended over about the last minute; null while the node has not watched long enough.</summary>
    public double? AppendRate { get; init; }

    /// <summary>Extents, by number.</summary>
    public IReadOnlyList<PartitionView> Partitions { get; init; } = [];

    /// <summary>Groups that read it; empty in lists.</summary>
    public IReadOnlyList<GroupView> Groups { get; init; } = [];
}

/// <summary>The extent of a partition.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="LowOffset">Oldest offset held.</param>
/// <param name="HighOffset">Offset the next message gets.</param>
/// <param name="StoredBytes">Bytes held; 0 where the broker cannot tell.</param>
/// <param name="LastAppendedAt">Time of the newest append, or null.</param>
public sealed record PartitionView(int Partition, long LowOffset, long HighOffset, long StoredBytes, DateTimeOffset? LastAppendedAt);

/// <summary>A group on a topic.</summary>
/// <param name="Group">Its name.</param>
/// <param name="Lag">Messages not completed, over all partitions.</param>
/// <param name="Partitions">Per partition.</param>
public sealed record GroupView(string Group, long Lag, IReadOnlyList<GroupPartitionView> Partitions);

/// <summary>A group's place in a partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Next">Lowest offset not completed; null if the group never committed here.</param>
/// <param name="Lag">Messages not completed.</param>
/// <param name="OldestAppendedAt">When the oldest message not completed was appended, where known.</param>
public sealed record GroupPartitionView(int Partition, long? Next, long Lag, DateTimeOffset? OldestAppendedAt);

/// <summary>Asks for a topic; what is null takes the default of the project file.</summary>
public sealed record CreateTopicRequest
{
    /// <summary>Its name: 1 to 249 of <c>A-Z a-z 0-9 . _ -</c>; <c>trunkline.</c> is reserved.</summary>
    public required string Name { get; init; }

    /// <summary>Partitions, 1 to 1024. Default 4.</summary>
    public int? Partitions { get; init; }

    /// <summary><c>sync</c> (default), <c>interval(50ms)</c> or <c>none</c>.</summary>
    public string? Durability { get; init; }

    /// <summary>Messages older than this may be removed, in milliseconds. Default: kept.</summary>
    public long? RetentionAgeMs { get; init; }

    /// <summary>Bytes per partition before the oldest may be removed. Default: no bound.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary>How long duplicates are recognised, in milliseconds. Default 3,600,000.</summary>
    public long? DedupeWindowMs { get; init; }

    /// <summary>Largest message, in bytes. Default 32 MiB.</summary>
    public int? MessageBytesMax { get; init; }

    /// <summary>Keep only the newest message of a key. Default false.</summary>
    public bool? Compacted { get; init; }
}
