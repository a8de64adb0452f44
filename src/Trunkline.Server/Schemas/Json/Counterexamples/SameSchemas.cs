using Trunkline.Server.Schemas.Json.Compatibility;
using Trunkline.Server.Schemas.Json.Compiling;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>Makes one of schemas that say the same in the same words, so that what fits the one is known to fit the other.</summary>
internal sealed class SameSchemas
{
    // Longer ones are not compared as texts.
    private const int TokensMax = 400;

    // Words that mean something else at another place, or to a reader that fills in defaults.
    private static readonly string[] s_local = ["ref\"", "Ref\"", "id\"", "nchor\"", "\"default\""];

    private readonly Dictionary<SchemaNode, SchemaNode> _first = [];
    private readonly Dictionary<(Draft, string), SchemaNode> _byText = [];

    /// <summary>The first schema met that says the same.</summary>
    public SchemaNode First(SchemaNode schema)
    {
        if (!_first.TryGetValue(schema, out var first))
        {
            _first.Add(schema, first = Find(schema));
        }

        return first;
    }

    private SchemaNode Find(SchemaNode schema)
    {
        var part = new SchemaPart(schema);
        if (part.Index[part.Token].Next - part.Token > TokensMax)
        {
            return schema;
        }

        var text = part.Raw(part.Token);
        if (Array.Exists(s_local, word => text.Contains(word, StringComparison.Ordinal)))
        {
            return schema;
        }

        return _byText.TryAdd((part.Draft, text), schema) ? schema : _byText[(part.Draft, text)];
    }
}
