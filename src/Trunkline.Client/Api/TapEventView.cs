using System.Text.Json;

namespace Trunkline.Client.Api;

/// <summary>A message seen passing a step of a flow.</summary>
/// <param name="At">When.</param>
/// <param name="Step">The step it is through with; <c>in</c> before the first, <c>out</c> after the last.</param>
/// <param name="Id">The message's id.</param>
/// <param name="Partition">Where it stands in the flow's source.</param>
/// <param name="Offset">Where it stands in the partition.</param>
/// <param name="Attempt">1 for the first try.</param>
public sealed record TapEventView(DateTimeOffset At, string Step, string Id, int Partition, long Offset, int Attempt)
{
    /// <summary>Its key; only its length unless values are shown; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>What became of it, where it ended: <c>branch-1</c>, <c>filtered (step)</c>, <c>failed (code in step)</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>The body as the step left it, its values masked unless they are shown; null if it is too large or no JSON.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>The body's length.</summary>
    public int BodyBytes { get; init; }

    /// <summary>Events left out before this one, because the reader was too slow.</summary>
    public long Missed { get; init; }
}
