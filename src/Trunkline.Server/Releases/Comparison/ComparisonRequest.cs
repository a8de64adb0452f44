using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>What to compare.</summary>
/// <param name="Incumbent">The project in force.</param>
/// <param name="Candidate">The project that might follow.</param>
/// <param name="Flow">The flow; both projects have it, and it reads a topic.</param>
internal sealed record ComparisonRequest(ProjectConfig Incumbent, ProjectConfig Candidate, string Flow)
{
    /// <summary>Messages read at most, over all partitions, the newest of each. Default 100,000.</summary>
    public int MessagesMax { get; init; } = 100_000;

    /// <summary>Examples kept per difference. Default 10.</summary>
    public int ExamplesMax { get; init; } = 10;

    /// <summary>Whether examples carry values; otherwise their kind and length. Default false.</summary>
    public bool ShowValues { get; init; }

    /// <summary>Where answers of the outside come from. Default the recording.</summary>
    public EffectMode Effects { get; init; }

    /// <summary>Answers given by hand, for <see cref="EffectMode.Stub"/>.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Stubs { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();

    /// <summary>Bytes of recorded answers held in memory at most. Default 256 MiB.</summary>
    public long RecordingBytesMax { get; init; } = 256L * 1024 * 1024;
}
