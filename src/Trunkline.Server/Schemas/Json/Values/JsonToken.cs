namespace Trunkline.Server.Schemas.Json.Values;

/// <summary>One value, or one property name, in an index over JSON bytes.</summary>
internal struct JsonToken
{
    /// <summary>Where its bytes begin; a string's without the quote.</summary>
    public int Start;

    /// <summary>How many bytes; a string's without quotes, a container's 0.</summary>
    public int Length;

    /// <summary>The token after this value and all that is in it.</summary>
    public int Next;

    /// <summary>Properties of an object, items of an array.</summary>
    public int Count;

    /// <summary>What it is; names are strings.</summary>
    public JsonKind Kind;

    /// <summary>A string with escapes.</summary>
    public bool Escaped;
}
