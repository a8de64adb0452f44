using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trunkline.Core.Config.Grammar;

/// <summary>The JSON Schema (2020-12) of a whole file, so that editors complete and check it while one types.</summary>
public static class SchemaDocument
{
    // Not HTML: quotes and signs in descriptions stay readable.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema's text.</summary>
    /// <param name="root">What a file holds.</param>
    /// <param name="id">The schema's identity, a URI.</param>
    /// <param name="title">Its title.</param>
    public static string Render(ObjectType root, string id, string title)
    {
        var definitions = new JsonObject();
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = id,
            ["title"] = title,
        };
        foreach (var (key, value) in ObjectSchema.Define(root, definitions).ToArray())
        {
            schema[key] = value?.DeepClone();
        }

        schema["$defs"] = definitions;
        return schema.ToJsonString(Indented) + "\n";
    }
}
