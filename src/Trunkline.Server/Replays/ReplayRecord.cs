using System.Text.Json;
using System.Text.Json.Serialization;
using Trunkline.Client.Api;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Replays;

/// <summary>The states of a replay.</summary>
internal static class ReplayStates
{
    public const string Running = "running";
    public const string Paused = "paused";
    public const string Done = "done";
    public const string Cancelled = "cancelled";
    public const string Failed = "failed";

    /// <summary>Whether it is over for good.</summary>
    public static bool IsOver(string state) => state is Done or Cancelled or Failed;
}

/// <summary>A part of a replay's range.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Next">The next offset to read.</param>
/// <param name="End">The first offset no longer read.</param>
internal sealed record ReplayPart(int Partition, long Next, long End);

/// <summary>What a replay does. Immutable.</summary>
internal sealed record ReplayPlan
{
    public required string Flow { get; init; }

    public required string Topic { get; init; }

    public required int Revision { get; init; }

    /// <summary>Only messages of this key; null for all.</summary>
    public string? Key { get; init; }

    /// <summary>Keep outputs aside in place of the flow's sinks.</summary>
    public bool Aside { get; init; }

    public required int PerSecond { get; init; }

    public EffectMode Effects { get; init; }

    /// <summary>Answers by hand.</summary>
    public IReadOnlyDictionary<string, JsonElement> Stubs { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Whether sinks outside get what comes of it.</summary>
    public bool Send { get; init; }
}

/// <summary>A replay as <c>trunkline.replays</c> holds it: written in the unit that stores its outputs, so that neither runs ahead of the other.</summary>
/// <param name="Plan">What it does.</param>
/// <param name="Parts">How far it is.</param>
/// <param name="View">What is told of it.</param>
internal sealed record ReplayRecord(ReplayPlan Plan, IReadOnlyList<ReplayPart> Parts, ReplayView View);

/// <summary>How replays are stored: JSON, names in camel case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReplayRecord))]
internal sealed partial class ReplayJson : JsonSerializerContext;

/// <summary>A replay cannot be done; the text is for people.</summary>
internal sealed class ReplayException(string message) : Exception(message);
