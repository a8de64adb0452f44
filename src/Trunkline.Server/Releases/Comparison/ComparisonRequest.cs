using Trunkline.Server.Configuration;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>What to compare.</summary>
/// <param name="Incumbent">The project in force.</param>
/// <param name="Candidate">The project that might follow.</param>
/// <param name="Flow">The flow; both projects have it, and it reads a topic.</param>
internal sealed record ComparisonRequest(ProjectConfig Incumbent, ProjectConfig Candidate, string Flow)
{
    /// <summary>Messages read at most, over all partitions, the newest of each. Default 100,000.</summary>
    public int MessagesMax { get; init; } = 100_000;

    /// <summary>Examples kept per kind of move. Default 10.</summary>
    public int ExamplesMax { get; init; } = 10;

    /// <summary>Bytes of recorded answers held in memory at most. Default 256 MiB.</summary>
    public long RecordingBytesMax { get; init; } = 256L * 1024 * 1024;
}
