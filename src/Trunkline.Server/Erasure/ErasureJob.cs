using System.Text.Json.Serialization;

namespace Trunkline.Server.Erasure;

/// <summary>How far an erasure is.</summary>
internal enum ErasurePhase
{
    /// <summary>Looks for what belongs to the subject; nothing was changed.</summary>
    Finding,

    /// <summary>What was found is written down; it is being erased.</summary>
    Erasing,

    /// <summary>All is erased, the subject itself forgotten; files are rewritten.</summary>
    Scrubbing,

    /// <summary>Done; there is a proof.</summary>
    Done,
}

/// <summary>An erasure under way, as it is kept so that it goes on after a crash.</summary>
internal sealed record ErasureJob
{
    public required string Id { get; init; }

    public required string Who { get; init; }

    public required ErasureKind Kind { get; init; }

    public required string RequestHash { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public ErasurePhase Phase { get; init; }

    /// <summary>The subject; null once all is erased.</summary>
    public byte[]? Value { get; init; }

    /// <summary>Messages looked at, by topic.</summary>
    public IReadOnlyDictionary<string, long> Searched { get; init; } = new Dictionary<string, long>();

    /// <summary>Messages erased, by topic; those of outcomes count rewritten messages.</summary>
    public IReadOnlyDictionary<string, long> Erased { get; init; } = new Dictionary<string, long>();

    /// <summary>Entries of state deleted, by store.</summary>
    public IReadOnlyDictionary<string, long> State { get; init; } = new Dictionary<string, long>();

    /// <summary>Folders of backups the node took that are still there.</summary>
    public IReadOnlyList<string> Backups { get; init; } = [];

    /// <summary>When it was done; null before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErasureJob))]
internal sealed partial class ErasureJson : JsonSerializerContext;
