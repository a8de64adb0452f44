using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Topics;

/// <summary>One topic as it lives.</summary>
internal sealed class TopicState
{
    public TopicState(int id, TopicSettings settings, Func<int, Extent>? extents = null)
    {
        Id = id;
        Settings = settings;
        Partitions = [.. Enumerable.Range(0, settings.Partitions).Select(p => new PartitionState(this, p, extents?.Invoke(p) ?? Extent.Empty))];
    }

    /// <summary>Its number in the store's keys, never given twice.</summary>
    public int Id { get; }

    /// <summary>How it is kept.</summary>
    public TopicSettings Settings { get; set; }

    public PartitionState[] Partitions { get; }

    /// <summary>Groups by name. Under the catalogue's lock.</summary>
    public SortedDictionary<string, GroupState> Groups { get; } = new(StringComparer.Ordinal);

    /// <summary>Start times of the dedupe buckets there are, oldest first. Writer's thread only.</summary>
    public List<long> DedupeBuckets { get; } = [];

    /// <summary>Counts appends without key. Writer's thread only.</summary>
    public uint RoundRobin { get; set; }

    /// <summary>Set when the topic was deleted.</summary>
    public bool Deleted { get; set; }

    public TopicDescription Describe() => new(Settings, [.. Partitions.Select(p =>
    {
        var extent = p.Visible;
        return new PartitionDescription(p.Number, extent.Low, extent.High, extent.StoredBytes,
            extent.LastTicks is { } ticks ? DateTimeOffset.UnixEpoch.AddTicks(ticks) : null);
    })]);
}
