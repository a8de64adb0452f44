using System.Text.Json.Serialization;

namespace Trunkline.Crash.Tests.Harness;

/// <summary>
/// What the child tells, one JSON document a line: what it finds at its start (<c>message</c>, <c>state</c>, <c>position</c>,
/// <c>found</c> closes the list), then each unit before it is tried (<c>try</c>) and after it is acknowledged (<c>ok</c>).
/// </summary>
internal sealed record JournalLine
{
    /// <summary>The kind, as above; <c>fault</c> for an error the child did not expect.</summary>
    public required string Kind { get; init; }

    /// <summary>The unit's number, unique over all cycles of a store.</summary>
    public long Unit { get; init; }

    /// <summary>Messages tried, or one message found.</summary>
    public IReadOnlyList<JournalMessage>? Messages { get; init; }

    /// <summary>State keys found, or the position's group partition.</summary>
    public string? Name { get; init; }

    /// <summary>Value of the state or position.</summary>
    public string? Value { get; init; }
}

/// <summary>A message in the journal.</summary>
internal sealed record JournalMessage(string Topic, string Id, string Key, long Counter, string Hash)
{
    /// <summary>The unit that wrote it.</summary>
    public long Unit { get; init; }

    public int Partition { get; init; }

    public long Offset { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(JournalLine))]
internal sealed partial class JournalJson : JsonSerializerContext;
