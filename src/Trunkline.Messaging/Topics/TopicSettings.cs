namespace Trunkline.Messaging.Topics;

/// <summary>How a topic is kept. Creating a topic twice with equal settings succeeds; with others it is a conflict.</summary>
public sealed record TopicSettings
{
    /// <summary>The name; see <see cref="TopicName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Number of partitions, 1 to 1024. Default 4. Cannot change.</summary>
    public int Partitions { get; init; } = 4;

    /// <summary>When appends are acknowledged. Default <c>sync</c>.</summary>
    public Durability Durability { get; init; } = Durability.Sync;

    /// <summary>Messages older than this may be removed; null keeps them for ever. Default null.</summary>
    public TimeSpan? RetentionAge { get; init; }

    /// <summary>Bytes a partition may hold before its oldest may be removed; null for no bound. Default null.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary>How long a (source, id) is remembered for recognising duplicates. Default 1 hour; zero switches it off.</summary>
    public TimeSpan DedupeWindow { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Largest payload plus key plus headers of one message, in bytes. Default 32 MiB (a mail with a 20 MB attachment fits).</summary>
    public int MessageBytesMax { get; init; } = 32 * 1024 * 1024;

    /// <summary>Keep only the newest message of each key (older ones may be removed at any time). Default false.</summary>
    public bool Compacted { get; init; }
}
