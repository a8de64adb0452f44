namespace Trunkline.Server.Configuration;

/// <summary>What may be removed of a topic.</summary>
/// <param name="Age">Messages older than this; null for none.</param>
/// <param name="Bytes">The oldest messages of a partition that holds more than this; null for none.</param>
public sealed record RetentionConfig(TimeSpan? Age, long? Bytes);

/// <summary>How long what a flow writes beside its outputs is kept; never removed before it served.</summary>
public sealed record KeepConfig
{
    /// <summary>Recorded answers of models and other effects: as far back as a replay can answer from them. Default 30 days.</summary>
    public RetentionConfig Effects { get; init; } = new(TimeSpan.FromDays(30), null);

    /// <summary>What became of messages: as far back as outcomes and fidelity are known. Default 7 days, at most 1 GiB.</summary>
    public RetentionConfig Outcomes { get; init; } = new(TimeSpan.FromDays(7), 1024L * 1024 * 1024);

    /// <summary>Messages sinks have sent. Default 7 days.</summary>
    public RetentionConfig Sent { get; init; } = new(TimeSpan.FromDays(7), null);
}
