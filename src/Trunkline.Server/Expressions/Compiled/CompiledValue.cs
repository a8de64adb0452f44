namespace Trunkline.Server.Expressions.Compiled;

/// <summary>What a <see cref="CompiledValue"/> is. The kinds named Json lie in the bytes of the message, not read any further.</summary>
internal enum CompiledKind : byte
{
    /// <summary><c>undefined</c>.</summary>
    Undefined,

    /// <summary><c>null</c>.</summary>
    Null,

    /// <summary><c>false</c>.</summary>
    False,

    /// <summary><c>true</c>.</summary>
    True,

    /// <summary>A number that was computed or written in the expression.</summary>
    Number,

    /// <summary>A text that was computed or written in the expression.</summary>
    Text,

    /// <summary>A text of the message: the bytes between its quotes.</summary>
    JsonText,

    /// <summary>A number of the message.</summary>
    JsonNumber,

    /// <summary>An object inside the message, braces included.</summary>
    JsonObject,

    /// <summary>An array of the message, brackets included.</summary>
    JsonArray,

    /// <summary>An object with its members at hand: the message itself, or one the expression made.</summary>
    Members,

    /// <summary>The rest of an optional chain is left out; becomes undefined at its end.</summary>
    CutShort,
}

/// <summary>A value of a compiled expression. Slices refer to the bytes of the scope it was made in.</summary>
internal readonly struct CompiledValue
{
    private readonly object? _reference;
    private readonly long _bits;
    private readonly bool _escaped;

    private CompiledValue(CompiledKind kind, object? reference, long bits, bool escaped)
    {
        Kind = kind;
        _reference = reference;
        _bits = bits;
        _escaped = escaped;
    }

    public static CompiledValue Null => new(CompiledKind.Null, null, 0, false);

    public static CompiledValue CutShort => new(CompiledKind.CutShort, null, 0, false);

    /// <summary>What it is; <see cref="CompiledKind.Undefined"/> for the default value.</summary>
    public CompiledKind Kind { get; }

    /// <summary>Of a <see cref="CompiledKind.Number"/>.</summary>
    public double Number => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>Of a <see cref="CompiledKind.Text"/>.</summary>
    public string Text => (string)_reference!;

    /// <summary>Of <see cref="CompiledKind.Members"/>.</summary>
    public MemberList Members => (MemberList)_reference!;

    /// <summary>First byte of a slice.</summary>
    public int Start => (int)(_bits >> 32);

    /// <summary>Bytes of a slice.</summary>
    public int Length => (int)_bits;

    /// <summary>True if a <see cref="CompiledKind.JsonText"/> holds escapes.</summary>
    public bool IsEscaped => _escaped;

    public bool IsNullish => Kind is CompiledKind.Undefined or CompiledKind.Null;

    public bool IsText => Kind is CompiledKind.Text or CompiledKind.JsonText;

    public bool IsContainer => Kind is CompiledKind.JsonObject or CompiledKind.JsonArray or CompiledKind.Members;

    public static CompiledValue Of(bool value) => new(value ? CompiledKind.True : CompiledKind.False, null, 0, false);

    public static CompiledValue Of(double value) => new(CompiledKind.Number, null, BitConverter.DoubleToInt64Bits(value), false);

    public static CompiledValue Of(string value) => new(CompiledKind.Text, value, 0, false);

    public static CompiledValue Of(MemberList value) => new(CompiledKind.Members, value, 0, false);

    public static CompiledValue Slice(CompiledKind kind, int start, int length, bool escaped = false) =>
        new(kind, null, ((long)start << 32) | (uint)length, escaped);
}
