using System.Text.Json.Serialization;

namespace Trunkline.Server.DeadLetters;

/// <summary>How a redrive by filter stands. Names are stored.</summary>
internal enum RedriveJobState
{
    /// <summary>It runs, or goes on as soon as the flow works.</summary>
    Running,

    /// <summary>All that were meant are dealt with.</summary>
    Done,

    /// <summary>An operator ended it.</summary>
    Cancelled,

    /// <summary>It cannot go on; the reason says why.</summary>
    Failed,
}

/// <summary>A redrive of all dead letters that fit a filter: kept, so that it goes on after a restart. Immutable.</summary>
internal sealed record RedriveJob
{
    public required string Id { get; init; }

    public required string Flow { get; init; }

    public required DeadLetterFilter Filter { get; init; }

    /// <summary>Messages a second at most; null for as fast as the flow takes them.</summary>
    public int? Rate { get; init; }

    public required string Who { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Per partition of the dead letters, where it ends: what fails again meanwhile is not meant.</summary>
    public required IReadOnlyList<long> Ends { get; init; }

    public RedriveJobState State { get; init; }

    /// <summary>Why it failed; null otherwise.</summary>
    public string? Reason { get; init; }

    public long Redriven { get; init; }

    public long FailedAgain { get; init; }

    /// <summary>Put off to a later try, or in line behind a parked key.</summary>
    public long Waiting { get; init; }

    /// <summary>Dealt with by others meanwhile.</summary>
    public long Skipped { get; init; }

    /// <summary>Starts of the node that found it unfinished.</summary>
    public int Resumed { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>How jobs are stored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RedriveJob))]
internal sealed partial class RedriveJson : JsonSerializerContext;
