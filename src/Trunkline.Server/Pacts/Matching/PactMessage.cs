using System.Text.Json;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>A request or an answer as a pact has it. Immutable.</summary>
internal sealed record PactMessage
{
    /// <summary>The method; null for an answer.</summary>
    public string? Method { get; init; }

    /// <summary>The path; null for an answer.</summary>
    public string? Path { get; init; }

    /// <summary>The query as one text, as it was up to version 2; null if it is not told so.</summary>
    public string? QueryText { get; init; }

    /// <summary>The parameters; null if they are not told.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Query { get; init; }

    /// <summary>The status; null for a request, or if it is not told.</summary>
    public int? Status { get; init; }

    /// <summary>The headers, values of one joined by commas.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The body.</summary>
    public required PactBody Body { get; init; }

    /// <summary>The rules.</summary>
    public required PactRules Rules { get; init; }

    /// <summary>What may take the place of examples; undefined for nothing.</summary>
    public JsonElement Generators { get; init; }

    /// <summary>Reads one side of an interaction.</summary>
    /// <param name="side">The request or response.</param>
    /// <param name="version">The version of the specification, 1 to 4.</param>
    public static PactMessage Read(JsonElement side, int version)
    {
        var headers = PactHttp.Headers(side);
        var query = side.TryGetProperty("query", out var told) ? told : default;
        return new PactMessage
        {
            Method = Text(side, "method"),
            Path = Text(side, "path"),
            QueryText = query.ValueKind == JsonValueKind.String ? query.GetString() : null,
            Query = PactHttp.Query(query),
            Status = side.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.Number && status.TryGetInt32(out var code) ? code : null,
            Headers = headers,
            Body = PactBody.Read(side, "body", headers.FirstOrDefault(one => one.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase)).Value, version >= 4),
            Rules = PactRules.Read(side),
            Generators = side.TryGetProperty("generators", out var generators) ? generators : default,
        };
    }

    private static string? Text(JsonElement side, string name) => side.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
