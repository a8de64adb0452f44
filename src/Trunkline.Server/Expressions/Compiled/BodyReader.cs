using System.Text.Json;
using System.Text.Unicode;

namespace Trunkline.Server.Expressions.Compiled;

/// <summary>
/// Checks the bytes of a body once, as strictly as <see cref="JsonInput"/>, and finds the members of its outermost object. What an
/// engine would order, merge or read in a way of its own (names like numbers, <c>__proto__</c>, escaped or repeated names,
/// exponents, much nesting, large bodies) is left to the engine. Reused; not thread-safe.
/// </summary>
internal sealed class BodyReader
{
    private const int BytesMax = 256 * 1024;
    private const int DepthMax = 32;
    private const int NamesMax = 256;
    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax };
    private readonly int[] _firstName = new int[DepthMax + 1];
    private ulong[] _names = new ulong[64];
    private int _nameCount;
    private int _offset;

    /// <summary>
    /// True if all containers inside the outermost have neither spaces nor escapes nor numbers that could be written in another
    /// way, so that they may be copied as they are.
    /// </summary>
    public bool IsPlain { get; private set; }

    /// <summary>Reads the body; false if it is for the engine, broken JSON included.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="members">Empty; gets the members if the body is an object.</param>
    /// <param name="value">The body.</param>
    public bool TryRead(ReadOnlySpan<byte> utf8, MemberList members, out CompiledValue value)
    {
        IsPlain = true;
        return TryRead(utf8, members, 0, out value);
    }

    /// <summary>Reads JSON that is put behind the body; false if it is for the engine.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="offset">Where its first byte is put.</param>
    /// <param name="value">A slice.</param>
    public bool TryReadMore(ReadOnlySpan<byte> utf8, int offset, out CompiledValue value) =>
        TryRead(utf8, null, offset, out value) && offset + utf8.Length <= BytesMax;

    private bool TryRead(ReadOnlySpan<byte> utf8, MemberList? members, int offset, out CompiledValue value)
    {
        value = default;
        if (utf8.Length > BytesMax || !Utf8.IsValid(utf8))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            reader.Read();
            (_offset, _nameCount) = (offset, 0);
            var read = members is not null && reader.TokenType == JsonTokenType.StartObject
                ? TryReadMembers(ref reader, utf8, members, out value)
                : TryReadValue(ref reader, utf8, out value);
            // What follows the value is an error, which the engine tells.
            return read && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool TryReadMembers(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, MemberList members, out CompiledValue value)
    {
        value = CompiledValue.Of(members);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex + 1;
            if (!TryAddName(ref reader, 0, out var hash))
            {
                return false;
            }

            var length = reader.ValueSpan.Length;
            reader.Read();
            if (!TryReadValue(ref reader, utf8, out var member))
            {
                return false;
            }

            members.Add(new Member(null, start, length, hash, member));
        }

        return true;
    }

    /// <summary>Reads the value the reader stands on, whole.</summary>
    private bool TryReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, out CompiledValue value)
    {
        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                value = CompiledValue.Slice(CompiledKind.JsonText, _offset + start + 1, reader.ValueSpan.Length, reader.ValueIsEscaped);
                return true;
            case JsonTokenType.Number:
                value = CompiledValue.Slice(CompiledKind.JsonNumber, _offset + start, reader.ValueSpan.Length);
                return JsonNumbers.IsSimple(reader.ValueSpan);
            case JsonTokenType.True or JsonTokenType.False:
                value = CompiledValue.Of(reader.TokenType == JsonTokenType.True);
                return true;
            case JsonTokenType.Null:
                value = CompiledValue.Null;
                return true;
            default:
                var kind = reader.TokenType == JsonTokenType.StartObject ? CompiledKind.JsonObject : CompiledKind.JsonArray;
                var checkedWhole = TryCheck(ref reader, utf8);
                value = CompiledValue.Slice(kind, _offset + start, (int)reader.BytesConsumed - start);
                return checkedWhole;
        }
    }

    /// <summary>Goes through a container to its end.</summary>
    private bool TryCheck(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        var outside = reader.CurrentDepth;
        var plain = IsPlain;
        _firstName[reader.CurrentDepth + 1] = _nameCount;
        while (true)
        {
            var end = (int)reader.BytesConsumed;
            reader.Read();
            // Between two tokens of a plain container stands nothing but a comma; the colon belongs to the name.
            var start = (int)reader.TokenStartIndex;
            plain &= start == end || (start == end + 1 && utf8[end] == (byte)',');
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    if (!TryAddName(ref reader, _firstName[reader.CurrentDepth], out _))
                    {
                        return false;
                    }

                    plain &= reader.BytesConsumed == start + reader.ValueSpan.Length + 3;
                    break;
                case JsonTokenType.String:
                    plain &= !reader.ValueIsEscaped;
                    break;
                case JsonTokenType.Number:
                    if (!JsonNumbers.IsSimple(reader.ValueSpan))
                    {
                        return false;
                    }

                    plain &= reader.ValueSpan.IndexOf((byte)'.') < 0;
                    break;
                case JsonTokenType.StartObject:
                    _firstName[reader.CurrentDepth + 1] = _nameCount;
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    if (reader.TokenType == JsonTokenType.EndObject)
                    {
                        _nameCount = _firstName[reader.CurrentDepth + 1];
                    }

                    if (reader.CurrentDepth == outside)
                    {
                        IsPlain = plain;
                        return true;
                    }

                    break;
            }
        }
    }

    /// <summary>Notes a name of the object whose names begin there; false if it is unusual, repeated, or one too many.</summary>
    private bool TryAddName(ref Utf8JsonReader reader, int first, out ulong hash)
    {
        hash = 0;
        if (reader.ValueIsEscaped || MemberName.IsUnusual(reader.ValueSpan) || _nameCount - first >= NamesMax)
        {
            return false;
        }

        hash = MemberName.HashOf(reader.ValueSpan);
        if (_names.AsSpan(first, _nameCount - first).Contains(hash))
        {
            return false;
        }

        if (_nameCount == _names.Length)
        {
            Array.Resize(ref _names, _nameCount * 2);
        }

        _names[_nameCount++] = hash;
        return true;
    }
}
