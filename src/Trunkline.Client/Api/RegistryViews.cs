using System.Text.Json.Serialization;

namespace Trunkline.Client.Api;

/// <summary>A schema another one uses.</summary>
/// <param name="Name">How the other one calls it.</param>
/// <param name="Subject">The subject it is registered under.</param>
/// <param name="Version">Which version of it; -1 for the newest.</param>
public sealed record SchemaReferenceView(string Name, string Subject, int Version);

/// <summary>A version of a subject.</summary>
public sealed record SchemaVersionView
{
    /// <summary>The subject.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Its number, from 1.</summary>
    public int Version { get; init; }

    /// <summary>The schema's id in its context.</summary>
    public int Id { get; init; }

    /// <summary>The identity of the schema everywhere.</summary>
    [JsonPropertyName("guid")]
    public string? GlobalId { get; init; }

    /// <summary><c>AVRO</c> or <c>JSON</c>; null means <c>AVRO</c>.</summary>
    public string? SchemaType { get; init; }

    /// <summary>The schema.</summary>
    public string Schema { get; init; } = "";

    /// <summary>What it refers to; null for nothing.</summary>
    public IReadOnlyList<SchemaReferenceView>? References { get; init; }
}

/// <summary>A schema to register or to check.</summary>
/// <param name="Schema">The schema.</param>
/// <param name="SchemaType"><c>AVRO</c> or <c>JSON</c>.</param>
/// <param name="References">What it refers to; null for nothing.</param>
public sealed record SchemaRequest(string Schema, string SchemaType, IReadOnlyList<SchemaReferenceView>? References = null);

/// <summary>Whether a schema may follow those before it.</summary>
/// <param name="IsCompatible">True if it may.</param>
/// <param name="Messages">Why not.</param>
public sealed record CompatibilityView([property: JsonPropertyName("is_compatible")] bool IsCompatible, IReadOnlyList<string>? Messages);

/// <summary>An error of the registry.</summary>
/// <param name="ErrorCode">Its number: the HTTP status, or that and two digits more.</param>
/// <param name="Message">What happened.</param>
public sealed record RegistryError([property: JsonPropertyName("error_code")] int ErrorCode, string? Message);
