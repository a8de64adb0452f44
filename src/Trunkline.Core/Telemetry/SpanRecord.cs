using System.Diagnostics;

namespace Trunkline.Core.Telemetry;

/// <summary>A span that was never an activity.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Parent">The span it is below; default for none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended.</param>
/// <param name="Failed">Whether it failed.</param>
/// <param name="Tags">What is said about it.</param>
public readonly record struct SpanRecord(
    ActivitySpanId Id, ActivitySpanId Parent, string Name, ActivityKind Kind, DateTimeOffset Start, DateTimeOffset End, bool Failed, IReadOnlyList<KeyValuePair<string, object?>> Tags);
