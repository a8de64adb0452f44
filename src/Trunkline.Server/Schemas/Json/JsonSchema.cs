using System.Collections.Concurrent;
using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json;

/// <summary>
/// A JSON Schema, compiled once to a tree of checks over UTF-8 bytes. Drafts 4, 6, 7, 2019-09 and 2020-12. Thread-safe. Work on a document is
/// bounded in steps, stack and time in patterns, whatever the schema is.
/// </summary>
internal sealed class JsonSchema
{
    /// <summary>Faults that are told of one document, unless asked otherwise.</summary>
    public const int FaultsMax = 100;

    private static readonly ConcurrentDictionary<Draft, JsonSchema> s_metaschemas = new();

    private readonly SchemaNode _root;

    private JsonSchema(SchemaNode root) => _root = root;

    /// <summary>Reads a schema; null with every fault if it is none.</summary>
    public static JsonSchema? Read(ReadOnlyMemory<byte> text, JsonSchemaOptions options, out IReadOnlyList<SchemaFault> faults)
    {
        var compiler = new SchemaCompiler(options);
        var document = compiler.Library.Add("", text, options.Default);
        if (document is not null)
        {
            CheckByMetaschema(document, compiler);
        }

        var root = document is null || compiler.Faults.Count > 0 ? null : compiler.Compile(document.Resources[0], 0);
        faults = compiler.Faults;
        return root is null || faults.Count > 0 ? null : new JsonSchema(root);
    }

    /// <summary>True if a document fits.</summary>
    public bool Fits(JsonIndex document) => new Evaluation(document, faultsMax: 0).Fits(_root, 0, null);

    /// <summary>Where a document does not fit; empty if it does.</summary>
    /// <param name="json">The document's bytes.</param>
    /// <param name="faultsMax">How many faults to tell at most.</param>
    public IReadOnlyList<SchemaFault> Check(ReadOnlyMemory<byte> json, int faultsMax = FaultsMax)
    {
        using var document = JsonIndex.Parse(json, out var problem);
        return document is null ? [new("", "", "", problem!)] : Check(document, faultsMax);
    }

    /// <summary>Where a document does not fit; empty if it does.</summary>
    public IReadOnlyList<SchemaFault> Check(JsonIndex document, int faultsMax = FaultsMax)
    {
        var verdict = new Evaluation(document, faultsMax: 0);
        if (verdict.Fits(_root, 0, null))
        {
            return [];
        }

        if (verdict.GivenUp is { } reason)
        {
            return [new("", "", "", reason)];
        }

        var explained = new Evaluation(document, faultsMax);
        explained.Fits(_root, 0, null);
        return explained.Faults.Count > 0 ? explained.Faults : [new("", "", "", explained.GivenUp ?? "does not fit the schema")];
    }

    /// <summary>The schema that schemas of a draft must fit.</summary>
    private static JsonSchema Metaschema(Draft draft) => s_metaschemas.GetOrAdd(draft, which =>
    {
        var compiler = new SchemaCompiler(new JsonSchemaOptions { Default = which });
        var resource = compiler.Library.Find(Metaschemas.AddressOf(which))!;
        return new JsonSchema(compiler.Compile(resource, resource.Root));
    });

    private static void CheckByMetaschema(SchemaDocument document, SchemaCompiler compiler)
    {
        var dialect = document.Resources[0].Dialect;
        var faults = Metaschema(dialect.Draft).Check(document.Index);
        compiler.Faults.AddRange(faults.Select(fault => fault with { SchemaAt = fault.At }));
        if (faults.Count == 0 && dialect.Metaschema is { } address && compiler.Library.Find(address) is { } own)
        {
            var custom = new JsonSchema(compiler.Compile(own, own.Root));
            if (compiler.Faults.Count == 0)
            {
                compiler.Faults.AddRange(custom.Check(document.Index).Select(fault => fault with { SchemaAt = fault.At }));
            }
        }
    }
}
