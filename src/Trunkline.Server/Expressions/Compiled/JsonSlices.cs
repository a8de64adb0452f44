using System.Text.Json;

namespace Trunkline.Server.Expressions.Compiled;

/// <summary>Looks into containers of a body that <see cref="BodyReader"/> has checked: valid, not deep, names unique and without escapes.</summary>
internal static class JsonSlices
{
    /// <summary>The value of a member; undefined if there is none.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="container">An object in it.</param>
    /// <param name="name">The member.</param>
    public static CompiledValue Get(ReadOnlySpan<byte> body, in CompiledValue container, MemberName name)
    {
        var reader = Open(body, container);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueSpan.SequenceEqual(name.Utf8);
            reader.Read();
            if (found)
            {
                return ValueOf(ref reader, container.Start);
            }

            reader.Skip();
        }

        return default;
    }

    /// <summary>Adds the members of an object to a list, as a spread does.</summary>
    public static void Spread(ReadOnlySpan<byte> body, in CompiledValue container, MemberList into)
    {
        var reader = Open(body, container);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = container.Start + (int)reader.TokenStartIndex + 1;
            var (length, hash) = (reader.ValueSpan.Length, MemberName.HashOf(reader.ValueSpan));
            reader.Read();
            into.Set(new Member(null, start, length, hash, ValueOf(ref reader, container.Start)), body);
        }
    }

    /// <summary>How many items an array has.</summary>
    public static int Count(ReadOnlySpan<byte> body, in CompiledValue container)
    {
        var reader = Open(body, container);
        var count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            reader.Skip();
        }

        return count;
    }

    /// <summary>Writes a container without spaces, its texts and numbers as an engine would.</summary>
    public static void Write(ReadOnlySpan<byte> body, in CompiledValue container, JsonBuffer into)
    {
        var reader = new Utf8JsonReader(body.Slice(container.Start, container.Length));
        var comma = false;
        while (reader.Read())
        {
            if (comma && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
            {
                into.Add((byte)',');
            }

            comma = reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.PropertyName);
            WriteToken(ref reader, into);
        }
    }

    /// <summary>Writes a text of the body with its quotes.</summary>
    public static void WriteText(ReadOnlySpan<byte> raw, bool escaped, JsonBuffer into)
    {
        if (escaped)
        {
            JsonEscapes.Write(JsonEscapes.Unescape(raw), into);
            return;
        }

        into.Add((byte)'"');
        into.Add(raw);
        into.Add((byte)'"');
    }

    private static void WriteToken(ref Utf8JsonReader reader, JsonBuffer into)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                WriteText(reader.ValueSpan, escaped: false, into);
                into.Add((byte)':');
                break;
            case JsonTokenType.String:
                WriteText(reader.ValueSpan, reader.ValueIsEscaped, into);
                break;
            case JsonTokenType.Number:
                JsonNumbers.Copy(reader.ValueSpan, into);
                break;
            default:
                // Braces, brackets and the three words.
                into.Add(reader.ValueSpan);
                break;
        }
    }

    /// <summary>A reader that stands on the container's first token.</summary>
    private static Utf8JsonReader Open(ReadOnlySpan<byte> body, in CompiledValue container)
    {
        var reader = new Utf8JsonReader(body.Slice(container.Start, container.Length));
        reader.Read();
        return reader;
    }

    /// <summary>The value the reader stands on; afterwards it stands at its end.</summary>
    private static CompiledValue ValueOf(ref Utf8JsonReader reader, int offset)
    {
        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return CompiledValue.Slice(CompiledKind.JsonText, offset + start + 1, reader.ValueSpan.Length, reader.ValueIsEscaped);
            case JsonTokenType.Number:
                return CompiledValue.Slice(CompiledKind.JsonNumber, offset + start, reader.ValueSpan.Length);
            case JsonTokenType.True or JsonTokenType.False:
                return CompiledValue.Of(reader.TokenType == JsonTokenType.True);
            case JsonTokenType.Null:
                return CompiledValue.Null;
            default:
                var kind = reader.TokenType == JsonTokenType.StartObject ? CompiledKind.JsonObject : CompiledKind.JsonArray;
                reader.Skip();
                return CompiledValue.Slice(kind, offset + start, (int)reader.BytesConsumed - start);
        }
    }
}
