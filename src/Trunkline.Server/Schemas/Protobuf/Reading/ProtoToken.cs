namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>What a token of a .proto file is.</summary>
internal enum ProtoTokenKind
{
    /// <summary>The end of the file.</summary>
    End,

    /// <summary>A name or keyword, without dots.</summary>
    Word,

    /// <summary>A whole number, without sign.</summary>
    Integer,

    /// <summary>A number with a point or an exponent.</summary>
    Decimal,

    /// <summary>A text in quotes; <see cref="ProtoToken.Text"/> is what stands between them, escapes resolved, one char per byte.</summary>
    Quoted,

    /// <summary>One character.</summary>
    Symbol,
}

/// <summary>A token of a .proto file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its column, from 1.</param>
internal readonly record struct ProtoToken(ProtoTokenKind Kind, string Text, int Line, int Column)
{
    /// <summary>True for this symbol.</summary>
    public bool Is(char symbol) => Kind == ProtoTokenKind.Symbol && Text[0] == symbol;

    /// <summary>True for this word.</summary>
    public bool Is(string word) => Kind == ProtoTokenKind.Word && Text == word;
}

/// <summary>A .proto file is not one: what and where.</summary>
internal sealed class ProtoSyntaxException(string message, int line, int column) : Exception(message)
{
    /// <summary>Where, as line and column.</summary>
    public string At { get; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"line {line}, column {column}");
}
