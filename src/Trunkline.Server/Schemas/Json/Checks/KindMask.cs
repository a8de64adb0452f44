using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary>A set of kinds of values, as <c>type</c> names them, and the two schemas that are a boolean.</summary>
/// <param name="Bits">A bit for each <see cref="JsonKind"/>.</param>
/// <param name="WholeOnly">Of numbers only those without a fraction.</param>
/// <param name="Literally">Whole means written without a fraction: draft 4.</param>
internal readonly record struct KindMask(byte Bits, bool WholeOnly = false, bool Literally = false)
{
    /// <summary>Every kind.</summary>
    public static readonly KindMask Any = new(0x7f);

    /// <summary>No value at all: the schema false.</summary>
    public static readonly KindMask None = new(0);

    /// <summary>Numbers.</summary>
    public static readonly KindMask Numbers = new(1 << (int)JsonKind.Number);

    /// <summary>Strings.</summary>
    public static readonly KindMask Strings = new(1 << (int)JsonKind.String);

    /// <summary>Arrays.</summary>
    public static readonly KindMask Arrays = new(1 << (int)JsonKind.Array);

    /// <summary>Objects.</summary>
    public static readonly KindMask Objects = new(1 << (int)JsonKind.Object);

    /// <summary>The keyword a refusal is told with.</summary>
    public string Keyword => Bits == 0 ? "" : "type";

    /// <summary>A refusal in words.</summary>
    public string Expectation => Bits == 0 ? "nothing is allowed here" : $"must be {string.Join(" or ", Names())}";

    /// <summary>The kinds a name of <c>type</c> means; null for no such name.</summary>
    public static KindMask? Named(ReadOnlySpan<byte> name, bool literally) => name switch
    {
        _ when name.SequenceEqual("null"u8) => new(1 << (int)JsonKind.Null),
        _ when name.SequenceEqual("boolean"u8) => new((1 << (int)JsonKind.True) | (1 << (int)JsonKind.False)),
        _ when name.SequenceEqual("number"u8) => Numbers,
        _ when name.SequenceEqual("integer"u8) => Numbers with { WholeOnly = true, Literally = literally },
        _ when name.SequenceEqual("string"u8) => Strings,
        _ when name.SequenceEqual("array"u8) => Arrays,
        _ when name.SequenceEqual("object"u8) => Objects,
        _ => null,
    };

    /// <summary>Both sets together.</summary>
    public KindMask Or(KindMask other)
    {
        var wholeHere = WholeOnly || !Has(JsonKind.Number);
        var wholeThere = other.WholeOnly || !other.Has(JsonKind.Number);
        return new((byte)(Bits | other.Bits), wholeHere && wholeThere && (WholeOnly || other.WholeOnly), Literally || other.Literally);
    }

    /// <summary>True if a kind is in it.</summary>
    public bool Has(JsonKind kind) => (Bits & (1 << (int)kind)) != 0;

    /// <summary>True if a value is of one of these kinds.</summary>
    public bool Allows(JsonIndex document, int token)
    {
        var kind = document[token].Kind;
        return Has(kind) && (!WholeOnly || kind != JsonKind.Number || IsWhole(document.Raw(token)));
    }

    private bool IsWhole(ReadOnlySpan<byte> number) => Literally ? number.IndexOfAny(".eE"u8) < 0 : NumberBound.IsWhole(number);

    private IEnumerable<string> Names()
    {
        var bits = Bits;
        string[] names = ["null", "a boolean", "a boolean", WholeOnly ? "an integer" : "a number", "a string", "an array", "an object"];
        return names.Where((_, kind) => (bits & (1 << kind)) != 0).Distinct();
    }
}
