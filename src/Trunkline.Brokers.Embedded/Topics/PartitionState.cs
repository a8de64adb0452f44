using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Brokers.Embedded.Reading;

namespace Trunkline.Brokers.Embedded.Topics;

/// <summary>One partition as it lives. <see cref="Visible"/> is what readers see; the writer's thread works ahead of it.</summary>
internal sealed class PartitionState(TopicState topic, int number, Extent extent)
{
    private Extent _visible = extent;

    public TopicState Topic { get; } = topic;

    public int Number { get; } = number;

    /// <summary>What is stored and acknowledged. Set by the writer's thread only.</summary>
    public Extent Visible
    {
        get => Volatile.Read(ref _visible);
        set => Volatile.Write(ref _visible, value);
    }

    /// <summary>Set at every change of <see cref="Visible"/>.</summary>
    public Signal Changed { get; } = new();

    /// <summary>The newest batches, in memory.</summary>
    public Tail Tail { get; } = new();

    /// <summary>What the writer has staged and not yet written; null between groups. Writer's thread only.</summary>
    public Commits.StagedPartition? Staged { get; set; }

    /// <summary>The small batches at its end that wait to become one. Writer's thread only.</summary>
    public Upkeep.SmallBatches? Small { get; set; }

    /// <summary>For people.</summary>
    public override string ToString() => $"{Topic.Settings.Name}/{Number}";
}
