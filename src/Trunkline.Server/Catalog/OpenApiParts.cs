using System.Text.Json.Nodes;

namespace Trunkline.Server.Catalog;

/// <summary>What every OpenAPI document of a project holds.</summary>
internal static class OpenApiParts
{
    /// <summary>Trunkline's own schemas by name: what requests are wrapped in, and what is answered.</summary>
    public static IReadOnlyList<(string Name, JsonObject Schema)> Schemas() =>
    [
        ("CloudEvent", Object(
            ["specversion", "id", "source", "type"],
            ("specversion", new JsonObject { ["const"] = "1.0" }),
            ("id", Text("Unique with source; repeats are recognised by both.")),
            ("source", Text("Who sent it.")),
            ("type", Text("What happened.")),
            ("time", new JsonObject { ["type"] = "string", ["format"] = "date-time", ["description"] = "The producer's time." }),
            ("datacontenttype", Text("Media type of data.")),
            ("partitionkey", Text("The key order is kept by.")),
            ("data", new JsonObject { ["description"] = "The payload." }),
            ("data_base64", Text("The payload when it is not text.")))),
        ("PublishResponse", Object(["messages"], ("messages", new JsonObject
        {
            ["type"] = "array",
            ["items"] = Object(
                ["id", "partition", "offset", "duplicate"],
                ("id", Text("The message's id.")),
                ("partition", Whole("Where it is.")),
                ("offset", Whole("Its place there.")),
                ("duplicate", new JsonObject { ["type"] = "boolean", ["description"] = "True if it was there already." }),
                ("deadLettered", new JsonObject { ["type"] = "boolean", ["description"] = "True if it did not fit the topic's schema and is in its dead letters." })),
        }))),
        ("IntakeResponse", Object(
            ["id", "outcome"],
            ("id", Text("The message's id.")),
            ("outcome", new JsonObject { ["enum"] = new JsonArray("delivered", "filtered", "dead-lettered", "parked", "delayed") }))),
        ("Problem", Object(
            ["type", "title", "status", "code"],
            ("type", Text("The kind of problem.")),
            ("title", Text("The same in words.")),
            ("status", Whole("HTTP status.")),
            ("detail", Text("What happened here.")),
            ("code", Text("Stable, from the catalogue of errors.")),
            ("remedy", Text("How to mend it.")),
            ("violations", new JsonObject { ["type"] = "array", ["description"] = "Every place where messages do not fit their topic's schema." }))),
    ];

    /// <summary>What a status means here.</summary>
    public static string ProblemText(string status) => status switch
    {
        "400" => "The request is not understood.",
        "401" => "Who sent it is not known.",
        "404" => "It is not there.",
        "413" => "It is too large.",
        "415" => "This content type or encoding is not taken.",
        "422" => "A message does not fit the topic's schema; every place is told.",
        _ => "The node cannot take it now; Retry-After says when.",
    };

    private static JsonObject Object(string[] required, params ReadOnlySpan<(string Name, JsonNode Schema)> properties)
    {
        var all = new JsonObject();
        foreach (var (name, schema) in properties)
        {
            all[name] = schema;
        }

        return new JsonObject { ["type"] = "object", ["required"] = new JsonArray([.. required.Select(name => (JsonNode)name)]), ["properties"] = all };
    }

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    private static JsonObject Whole(string description) => new() { ["type"] = "integer", ["description"] = description };
}
