using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Schemas.Json.Values;

/// <summary>
/// JSON bytes with one token for each value and property name, in the order of the text: enough to walk over a document without
/// building objects. Token 0 is the root; an object's children are name, value, name, value. Looking names up is for one thread at a time; all else is thread-safe until it is disposed.
/// </summary>
internal sealed class JsonIndex : IDisposable
{
    /// <summary>Levels of nesting a document may have.</summary>
    public const int DepthMax = 1000;

    private static readonly JsonReaderOptions s_reader = new() { MaxDepth = DepthMax };

    // From this many children on, a container that is asked for one of them is remembered by name or place: asking for all costs no square.
    private const int Many = 64;

    private readonly byte[] _bytes;
    private readonly int _offset;
    private JsonToken[] _tokens;
    private int _count;
    private Dictionary<int, Dictionary<string, int>>? _names;
    private Dictionary<int, int[]>? _items;

    private JsonIndex(byte[] bytes, int offset, int length)
    {
        (_bytes, _offset, Length) = (bytes, offset, length);
        _tokens = ArrayPool<JsonToken>.Shared.Rent(Math.Max(16, length / 8));
    }

    /// <summary>Bytes of the text.</summary>
    public int Length { get; }

    /// <summary>Tokens in all.</summary>
    public int Count => _count;

    /// <summary>A token.</summary>
    public ref readonly JsonToken this[int token] => ref _tokens[token];

    /// <summary>Reads JSON; null with what is wrong if it is none.</summary>
    public static JsonIndex? Parse(ReadOnlyMemory<byte> json, out string? problem)
    {
        if (!Utf8.IsValid(json.Span))
        {
            problem = "it is not UTF-8";
            return null;
        }

        var index = MemoryMarshal.TryGetArray(json, out var segment)
            ? new JsonIndex(segment.Array!, segment.Offset, segment.Count)
            : new JsonIndex(json.ToArray(), 0, json.Length);
        try
        {
            index.Read();
            problem = null;
            return index;
        }
        catch (JsonException e)
        {
            index.Dispose();
            problem = $"it is not JSON, or is nested deeper than {DepthMax} levels (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})";
            return null;
        }
    }

    /// <summary>The bytes as they stand in the text.</summary>
    public ReadOnlySpan<byte> Raw(int token) => _bytes.AsSpan(_offset + _tokens[token].Start, _tokens[token].Length);

    /// <summary>A value as JSON, without blanks.</summary>
    public string Json(int token)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = DepthMax }))
        {
            Write(json, token);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private void Write(Utf8JsonWriter json, int token)
    {
        switch (_tokens[token].Kind)
        {
            case JsonKind.Object:
                json.WriteStartObject();
                for (int at = token + 1, end = _tokens[token].Next; at < end; at = _tokens[at + 1].Next)
                {
                    json.WritePropertyName(Text(at));
                    Write(json, at + 1);
                }

                json.WriteEndObject();
                break;
            case JsonKind.Array:
                json.WriteStartArray();
                for (int at = token + 1, end = _tokens[token].Next; at < end; at = _tokens[at].Next)
                {
                    Write(json, at);
                }

                json.WriteEndArray();
                break;
            case JsonKind.String:
                json.WriteStringValue(Text(token));
                break;
            case JsonKind.Number:
                json.WriteRawValue(Raw(token));
                break;
            case JsonKind.Null:
                json.WriteNullValue();
                break;
            default:
                json.WriteBooleanValue(_tokens[token].Kind == JsonKind.True);
                break;
        }
    }

    /// <summary>The UTF-8 of a string or name, without escapes.</summary>
    public ReadOnlySpan<byte> Utf8Of(int token) => _tokens[token].Escaped ? Encoding.UTF8.GetBytes(JsonEscapes.Unescape(Raw(token))) : Raw(token);

    /// <summary>A string or name, without escapes.</summary>
    public string Text(int token) => _tokens[token].Escaped ? JsonEscapes.Unescape(Raw(token)) : Encoding.UTF8.GetString(Raw(token));

    /// <summary>True for a string that says this.</summary>
    public bool Says(int token, ReadOnlySpan<byte> text) => _tokens[token].Kind == JsonKind.String && Utf8Of(token).SequenceEqual(text);

    /// <summary>The value of a property, the last one of that name; -1 if there is none or this is no object.</summary>
    public int Find(int token, ReadOnlySpan<byte> name)
    {
        var found = -1;
        if (_tokens[token].Kind != JsonKind.Object)
        {
            return found;
        }

        if (_tokens[token].Count >= Many)
        {
            return NamesOf(token).GetValueOrDefault(Encoding.UTF8.GetString(name), -1);
        }

        for (int at = token + 1, end = _tokens[token].Next; at < end; at = _tokens[at + 1].Next)
        {
            if (Utf8Of(at).SequenceEqual(name))
            {
                found = at + 1;
            }
        }

        return found;
    }

    /// <summary>An item of an array; -1 if there is none.</summary>
    public int ItemAt(int token, int position)
    {
        if (_tokens[token].Kind != JsonKind.Array || position < 0 || position >= _tokens[token].Count)
        {
            return -1;
        }

        if (_tokens[token].Count >= Many)
        {
            return ItemsOf(token)[position];
        }

        var at = token + 1;
        for (var i = 0; i < position; i++)
        {
            at = _tokens[at].Next;
        }

        return at;
    }

    /// <summary>The values of an object by name, the last one of each.</summary>
    public IReadOnlyDictionary<string, int> Properties(int token) => NamesOf(token);

    /// <summary>The JSON pointer of a token; of a name, that of its property.</summary>
    public string Pointer(int token)
    {
        var path = new StringBuilder();
        for (var at = 0; at != token;)
        {
            var isObject = _tokens[at].Kind == JsonKind.Object;
            var child = at + 1;
            for (var position = 0; ; position++)
            {
                var value = isObject ? child + 1 : child;
                if (token < _tokens[value].Next)
                {
                    path.Append('/').Append(isObject ? Escape(Text(child)) : position.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    at = token == child ? token : value;
                    break;
                }

                child = _tokens[value].Next;
            }
        }

        return path.ToString();
    }

    /// <summary>A name as a part of a JSON pointer.</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_tokens.Length > 0)
        {
            ArrayPool<JsonToken>.Shared.Return(_tokens);
            _tokens = [];
        }
    }

    private Dictionary<string, int> NamesOf(int token)
    {
        _names ??= [];
        if (!_names.TryGetValue(token, out var names))
        {
            names = new Dictionary<string, int>(_tokens[token].Count, StringComparer.Ordinal);
            for (int at = token + 1, end = _tokens[token].Next; _tokens[token].Kind == JsonKind.Object && at < end; at = _tokens[at + 1].Next)
            {
                names[Text(at)] = at + 1;
            }

            _names.Add(token, names);
        }

        return names;
    }

    private int[] ItemsOf(int token)
    {
        _items ??= [];
        if (!_items.TryGetValue(token, out var items))
        {
            items = new int[_tokens[token].Count];
            for (int i = 0, at = token + 1; i < items.Length; i++, at = _tokens[at].Next)
            {
                items[i] = at;
            }

            _items.Add(token, items);
        }

        return items;
    }

    private void Read()
    {
        var reader = new Utf8JsonReader(_bytes.AsSpan(_offset, Length), s_reader);
        var parent = -1;
        while (reader.Read())
        {
            var type = reader.TokenType;
            if (type is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                // While a container is open its Next holds the container around it.
                var closed = parent;
                parent = _tokens[closed].Next;
                _tokens[closed].Next = _count;
                continue;
            }

            if (_count == _tokens.Length)
            {
                Grow();
            }

            ref var token = ref _tokens[_count];
            var quoted = type is JsonTokenType.String or JsonTokenType.PropertyName;
            token.Start = (int)reader.TokenStartIndex + (quoted ? 1 : 0);
            token.Length = reader.ValueSpan.Length;
            token.Count = 0;
            token.Kind = KindOf(type);
            token.Escaped = quoted && reader.ValueIsEscaped;
            if (parent >= 0 && (type == JsonTokenType.PropertyName || _tokens[parent].Kind == JsonKind.Array))
            {
                _tokens[parent].Count++;
            }

            if (type is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                token.Length = 0;
                token.Next = parent;
                parent = _count++;
            }
            else
            {
                token.Next = ++_count;
            }
        }
    }

    private static JsonKind KindOf(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => JsonKind.Object,
        JsonTokenType.StartArray => JsonKind.Array,
        JsonTokenType.Number => JsonKind.Number,
        JsonTokenType.True => JsonKind.True,
        JsonTokenType.False => JsonKind.False,
        JsonTokenType.Null => JsonKind.Null,
        _ => JsonKind.String,
    };

    private void Grow()
    {
        var larger = ArrayPool<JsonToken>.Shared.Rent(_tokens.Length * 2);
        _tokens.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<JsonToken>.Shared.Return(_tokens);
        _tokens = larger;
    }
}
