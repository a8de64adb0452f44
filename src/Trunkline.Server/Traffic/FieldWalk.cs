using System.Globalization;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Traffic;

/// <summary>Goes over a message and tells its fields to their nodes.</summary>
internal ref struct FieldWalk(JsonIndex document, long message)
{
    private const int DepthMax = 24;
    private const int ItemsMax = 64;

    // What is no whole number of 64 bits is none in other formats.
    private const double WholeMax = 9e18;

    /// <summary>How many more fields may be followed.</summary>
    public int Room;

    /// <summary>Tells the value at a token to a node, and those in it to the nodes in that.</summary>
    public void Value(FieldNode node, int token, int depth)
    {
        var seen = Seen(token);
        if (node.LastMessage != message)
        {
            node.LastMessage = message;
            node.Window.Add(seen);
            node.Example = Mask(seen);
        }
        else
        {
            node.Window.Also(seen.Kind);
        }

        if (depth == DepthMax)
        {
            return;
        }

        switch (document[token].Kind)
        {
            case JsonKind.Object:
                for (int at = token + 1, end = document[token].Next; at < end; at = document[at + 1].Next)
                {
                    if (node.Member(document.Text(at), ref Room) is { } member)
                    {
                        Value(member, at + 1, depth + 1);
                    }
                }

                break;
            case JsonKind.Array when document[token].Count > 0 && node.Member(null, ref Room) is { } items:
                node.IsCut |= document[token].Count > ItemsMax;
                var left = ItemsMax;
                for (int at = token + 1, end = document[token].Next; at < end && left-- > 0; at = document[at].Next)
                {
                    Value(items, at, depth + 1);
                }

                break;
        }
    }

    private readonly SeenValue Seen(int token) => document[token].Kind switch
    {
        JsonKind.Null => new(FieldKinds.Null),
        JsonKind.False or JsonKind.True => new(FieldKinds.Boolean),
        JsonKind.Number => SeenNumber(document.Raw(token)),
        JsonKind.String => new(FieldKinds.Text, document.Text(token)),
        JsonKind.Array => new(FieldKinds.List),
        _ => new(FieldKinds.Object),
    };

    private static SeenValue SeenNumber(ReadOnlySpan<byte> raw)
    {
        var number = double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture);
        return new(Math.Abs(number) > WholeMax || (raw.ContainsAny(".eE"u8) && number != Math.Floor(number)) ? FieldKinds.Number : FieldKinds.Integer, Number: number);
    }

    /// <summary>A value without what stands in it: letters and digits become one letter and one digit each.</summary>
    private static string Mask(in SeenValue seen)
    {
        if (seen.Kind is not (FieldKinds.Text or FieldKinds.Integer or FieldKinds.Number))
        {
            return seen.Kind.ToString().ToLowerInvariant();
        }

        var text = seen.Kind == FieldKinds.Text ? seen.Text : seen.Number.ToString("R", CultureInfo.InvariantCulture);
        var masked = MaskedText.Of(text);
        return seen.Kind == FieldKinds.Text ? $"\"{masked}\"" : masked;
    }
}
