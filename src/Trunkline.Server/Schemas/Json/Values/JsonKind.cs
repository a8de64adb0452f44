namespace Trunkline.Server.Schemas.Json.Values;

/// <summary>The kinds of JSON values; the number is the bit of the kind in masks.</summary>
internal enum JsonKind : byte
{
    Null,
    False,
    True,
    Number,
    String,
    Array,
    Object,
}
