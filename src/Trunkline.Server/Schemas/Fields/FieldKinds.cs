namespace Trunkline.Server.Schemas.Fields;

/// <summary>Kinds of values, the same for all formats.</summary>
[Flags]
internal enum FieldKinds
{
    None = 0,
    Null = 1 << 0,
    Boolean = 1 << 1,
    Integer = 1 << 2,

    /// <summary>A number that need not be whole.</summary>
    Number = 1 << 3,
    Text = 1 << 4,

    /// <summary>Bytes of a format that has them.</summary>
    Bytes = 1 << 5,
    Object = 1 << 6,
    List = 1 << 7,
    Any = Null | Boolean | Integer | Number | Text | Bytes | Object | List,
}

/// <summary>Kinds in words.</summary>
internal static class FieldKindText
{
    private static readonly FieldKinds[] All =
        [FieldKinds.Boolean, FieldKinds.Integer, FieldKinds.Number, FieldKinds.Text, FieldKinds.Bytes, FieldKinds.Object, FieldKinds.List, FieldKinds.Null];

    /// <summary>The kinds, joined by <c>or</c>.</summary>
    public static string Of(FieldKinds kinds)
    {
        if (kinds == FieldKinds.Any)
        {
            return "anything";
        }

        // A number may be whole as well: that need not be said.
        var told = kinds.HasFlag(FieldKinds.Number) ? kinds & ~FieldKinds.Integer : kinds;
        return told == FieldKinds.None ? "nothing" : string.Join(" or ", All.Where(kind => told.HasFlag(kind)).Select(kind => kind.ToString().ToLowerInvariant()));
    }
}
