using System.Text;
using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compatibility;

/// <summary>One of two schemas being compared: finds its parts and follows its references.</summary>
internal sealed class SchemaSide
{
    private const int PartsMax = 2000;
    private readonly SchemaCompiler _compiler;
    private readonly Dictionary<SchemaNode, int> _numbers = [];

    /// <summary>A schema that was read before, so that it can be read.</summary>
    public SchemaSide(string text, JsonSchemaOptions options)
    {
        _compiler = new SchemaCompiler(options);
        var document = _compiler.Library.Add("", Encoding.UTF8.GetBytes(text), options.Default)!;
        Root = new SchemaPart(_compiler.Compile(document.Resources[0], 0));
    }

    /// <summary>The whole.</summary>
    public SchemaPart Root { get; }

    /// <summary>A schema at a place below a part.</summary>
    public SchemaPart At(SchemaPart part, int token) => new(_compiler.Compile(part.Node.Resource, token));

    /// <summary>A number for each schema met, to tell them apart.</summary>
    public int NumberOf(SchemaPart part)
    {
        if (!_numbers.TryGetValue(part.Node, out var number))
        {
            number = _numbers.Count;
            _numbers.Add(part.Node, number);
        }

        return number;
    }

    /// <summary>True if a value of some document fits a part.</summary>
    public static bool Fits(SchemaPart part, JsonIndex values, int token) => new Evaluation(values, faultsMax: 0).Fits(part.Node, token, null);

    /// <summary>The schemas that all apply where these do: references followed, <c>allOf</c> taken apart.</summary>
    public List<SchemaPart> Flatten(IEnumerable<SchemaPart> parts)
    {
        var flat = new List<SchemaPart>();
        var seen = new HashSet<SchemaNode>();
        var left = new Stack<SchemaPart>(parts.Reverse());
        while (left.TryPop(out var part) && flat.Count < PartsMax)
        {
            if (!seen.Add(part.Node))
            {
                continue;
            }

            var reference = part.Find("$ref"u8);
            if (reference >= 0 && part.Index[reference].Kind == JsonKind.String && _compiler.Resolve(part.Node, reference, "$ref", out _) is { } target)
            {
                left.Push(new SchemaPart(target));
                if (part.Node.Resource.Dialect.RefStandsAlone)
                {
                    continue;
                }
            }

            flat.Add(part);
            if (part.Find("allOf"u8) is >= 0 and var all)
            {
                foreach (var inner in SchemaPlaces.Items(part.Index, all).Reverse())
                {
                    left.Push(At(part, inner));
                }
            }
        }

        return flat;
    }

    /// <summary>The alternatives of the first of some parts that has any not tried yet; null if none has.</summary>
    public List<SchemaPart>? Split(IEnumerable<SchemaPart> flat, HashSet<(SchemaNode, string)> tried)
    {
        foreach (var part in flat)
        {
            foreach (var keyword in (string[])["anyOf", "oneOf"])
            {
                if (part.Find(Encoding.UTF8.GetBytes(keyword)) is >= 0 and var list && tried.Add((part.Node, keyword)))
                {
                    return [.. SchemaPlaces.Items(part.Index, list).Select(token => At(part, token))];
                }
            }
        }

        return null;
    }
}
