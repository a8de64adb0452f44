namespace Trunkline.Messaging.Topics;

/// <summary>What a broker tells about a topic.</summary>
/// <param name="Settings">How it is kept.</param>
/// <param name="Partitions">One entry per partition, by number.</param>
public sealed record TopicDescription(TopicSettings Settings, IReadOnlyList<PartitionDescription> Partitions);

/// <summary>The extent of a partition.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="LowOffset">The oldest offset still there (equal to <paramref name="HighOffset"/> if empty).</param>
/// <param name="HighOffset">The offset the next message gets.</param>
/// <param name="StoredBytes">Bytes of batches held; 0 where the broker cannot tell.</param>
/// <param name="LastAppendedAt">Time of the newest append; null if there was none.</param>
public sealed record PartitionDescription(int Partition, long LowOffset, long HighOffset, long StoredBytes, DateTimeOffset? LastAppendedAt);

/// <summary>Where a group stands on one topic.</summary>
/// <param name="Group">The group.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Partitions">Committed position per partition; partitions never committed have <c>Next</c> = null.</param>
public sealed record GroupDescription(string Group, string Topic, IReadOnlyList<GroupPartition> Partitions);

/// <summary>A group's place in one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Next">The lowest offset not completed; null if the group never committed here.</param>
/// <param name="Lag">Messages between <paramref name="Next"/> (or the start) and the end that are not completed.</param>
/// <param name="OldestAppendedAt">When the oldest message not completed was appended; null if there is none or the broker cannot tell.</param>
public sealed record GroupPartition(int Partition, long? Next, long Lag, DateTimeOffset? OldestAppendedAt);
