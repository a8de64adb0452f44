using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compatibility;

/// <summary>A schema at its place in a text.</summary>
internal readonly record struct SchemaPart(SchemaNode Node)
{
    /// <summary>The text.</summary>
    public JsonIndex Index => Node.Resource.Document.Index;

    /// <summary>Its place in the text.</summary>
    public int Token => Node.Token;

    /// <summary>Its draft.</summary>
    public Draft Draft => Node.Resource.Dialect.Draft;

    /// <summary>True for the schema false.</summary>
    public bool IsNever => Index[Token].Kind == JsonKind.False;

    /// <summary>Its place, for messages.</summary>
    public string Pointer => Node.Pointer;

    /// <summary>Where a keyword's value is; -1 if there is none.</summary>
    public int Find(ReadOnlySpan<byte> keyword) => Index.Find(Token, keyword);

    /// <summary>The keywords that are there.</summary>
    public IEnumerable<string> Keywords()
    {
        if (Index[Token].Kind == JsonKind.Object)
        {
            for (var (at, end) = (Token + 1, Index[Token].Next); at < end; at = Index[at + 1].Next)
            {
                yield return Index.Text(at);
            }
        }
    }

    /// <summary>The JSON of a keyword's value, for comparing texts; null if it is not there.</summary>
    public string? Raw(string keyword)
    {
        var token = Find(System.Text.Encoding.UTF8.GetBytes(keyword));
        return token < 0 ? null : Raw(token);
    }

    /// <summary>The JSON at a place.</summary>
    public string Raw(int token)
    {
        var text = new System.Text.StringBuilder();
        Append(token, text);
        return text.ToString();
    }

    private void Append(int token, System.Text.StringBuilder into)
    {
        var index = Index;
        switch (index[token].Kind)
        {
            case JsonKind.Object or JsonKind.Array:
                var isObject = index[token].Kind == JsonKind.Object;
                into.Append(isObject ? '{' : '[');
                for (int at = token + 1, end = index[token].Next; at < end; at = index[at].Next)
                {
                    // Names and values alternate; that is enough to tell texts apart.
                    Append(at, into);
                    into.Append(',');
                }

                into.Append(isObject ? '}' : ']');
                break;
            case JsonKind.String:
                into.Append('"').Append(index.Text(token).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
                break;
            case JsonKind.Number:
                into.Append(System.Text.Encoding.UTF8.GetString(index.Raw(token)));
                break;
            default:
                into.Append(index[token].Kind);
                break;
        }
    }
}
