using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>A schema or a part of one, as checks. Filled by the compiler, then immutable.</summary>
internal sealed class SchemaNode(SchemaResource resource, int token)
{
    private static readonly int s_kinds = Enum.GetValues<JsonKind>().Length;

    private SchemaCheck[] _all = [];
    private SchemaCheck[][]? _byKind;

    /// <summary>The resource it belongs to.</summary>
    public SchemaResource Resource => resource;

    /// <summary>Its place in the text.</summary>
    public int Token => token;

    /// <summary>Its place, as a JSON pointer.</summary>
    public string Pointer => resource.Document.Index.Pointer(token);

    /// <summary>The kinds of values it allows.</summary>
    public KindMask Kinds { get; set; } = KindMask.Any;

    /// <summary>True if entering it is to be remembered for dynamic references.</summary>
    public bool EntersScope { get; set; }

    /// <summary><c>unevaluatedProperties</c> and <c>unevaluatedItems</c>; null if it has neither.</summary>
    public UnevaluatedRules? Unevaluated { get; set; }

    /// <summary>All its checks.</summary>
    public IReadOnlyList<SchemaCheck> Checks => _all;

    /// <summary>The checks for a kind of value.</summary>
    public SchemaCheck[] ChecksFor(JsonKind kind) => _byKind is null ? _all : _byKind[(int)kind];

    /// <summary>Sets the checks.</summary>
    public void Complete(List<SchemaCheck> checks)
    {
        _all = [.. checks];
        if (checks.Any(check => check.For != KindMask.Any))
        {
            _byKind = [.. Enumerable.Range(0, s_kinds).Select(kind => checks.Where(check => check.For.Has((JsonKind)kind)).ToArray())];
        }
    }
}
