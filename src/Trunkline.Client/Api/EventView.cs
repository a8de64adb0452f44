using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trunkline.Client.Api;

/// <summary>
/// A stored message as the API shows it: a CloudEvent 1.0 in JSON (structured mode) with its place beside the attributes.
/// CloudEvents extensions are members of their own name and land in <see cref="Extensions"/>.
/// </summary>
public sealed record EventView
{
    /// <summary>Always <c>1.0</c>.</summary>
    [JsonPropertyName("specversion")]
    public string SpecVersion { get; init; } = "1.0";

    /// <summary>The producer's id.</summary>
    public required string Id { get; init; }

    /// <summary>Who produced it; <c>/</c> when the producer did not tell.</summary>
    public required string Source { get; init; }

    /// <summary>What happened; <c>trunkline.message</c> when the producer did not tell.</summary>
    public required string Type { get; init; }

    /// <summary>What it is about, or null.</summary>
    public string? Subject { get; init; }

    /// <summary>The producer's time, or null.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Media type of the payload, or null.</summary>
    [JsonPropertyName("datacontenttype")]
    public string? DataContentType { get; init; }

    /// <summary>Schema of the payload, or null.</summary>
    [JsonPropertyName("dataschema")]
    public string? DataSchema { get; init; }

    /// <summary>The key, if it is text; null for no key.</summary>
    [JsonPropertyName("partitionkey")]
    public string? PartitionKey { get; init; }

    /// <summary>The key's bytes in base64 when they are not UTF-8.</summary>
    [JsonPropertyName("partitionkey_base64")]
    public string? PartitionKeyBase64 { get; init; }

    /// <summary>The payload when it is JSON or text.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>The payload in base64 when it is neither.</summary>
    [JsonPropertyName("data_base64")]
    public string? DataBase64 { get; init; }

    /// <summary>Partition, zero-based.</summary>
    public int Partition { get; init; }

    /// <summary>Offset in the partition.</summary>
    public long Offset { get; init; }

    /// <summary>The node's time of the append.</summary>
    public DateTimeOffset AppendedAt { get; init; }

    /// <summary>Headers that are not CloudEvents attributes, in order; null for none.</summary>
    public IReadOnlyList<HeaderView>? Headers { get; init; }

    /// <summary>CloudEvents extensions by name.</summary>
    [JsonExtensionData]
    // Settable: source-generated JSON treats init-only members as constructor parameters, which extension data cannot be.
    public IDictionary<string, JsonElement>? Extensions { get; set; }
}

/// <summary>A header: exactly one of the two values is set.</summary>
/// <param name="Name">Its name, case kept; names may repeat.</param>
/// <param name="Value">The value when it is UTF-8.</param>
/// <param name="ValueBase64">The value's bytes in base64 when it is not.</param>
public sealed record HeaderView(string Name, string? Value, [property: JsonPropertyName("value_base64")] string? ValueBase64 = null);

/// <summary>A page of a topic.</summary>
/// <param name="Messages">The messages, oldest first in each partition.</param>
/// <param name="Next">Query string of the following page (<c>cursor=…</c>), to be appended to the same path. Never null: later messages may come.</param>
/// <param name="End">True if there was nothing more at the time of the answer.</param>
public sealed record MessagesPage(IReadOnlyList<EventView> Messages, string Next, bool End);
