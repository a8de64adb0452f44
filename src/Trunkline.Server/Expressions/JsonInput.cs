using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Jint;
using Jint.Native;
using Jint.Native.Object;

namespace Trunkline.Server.Expressions;

/// <summary>
/// Reads JSON (RFC 8259) from UTF-8 into values of one engine. Of a repeated name the last value counts, as in JavaScript.
/// Integers past 2^53 become <see cref="ExactInteger"/>; other numbers the nearest double, and a number past its range or, above
/// 2^53, beyond its precision is refused. Lone surrogates in escapes are kept. Not thread-safe.
/// </summary>
internal sealed class JsonInput(Engine engine, ObjectInstance exactIntegerPrototype, int depthMax)
{
    private const double SafeMax = 9007199254740991;
    private const int DigitsMax = 1000;
    private readonly Stack<List<KeyValuePair<string, JsValue>>> _members = new();
    private readonly Stack<List<JsValue>> _items = new();
    private readonly NameCache _names = new();

    /// <summary>Reads one value.</summary>
    /// <exception cref="ExpressionException">The bytes are not JSON, or nest too deep.</exception>
    public JsValue Read(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
        {
            throw Invalid("it is not valid UTF-8");
        }

        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = depthMax });
            reader.Read();
            var value = ReadValue(ref reader);
            reader.Read();
            return value;
        }
        catch (JsonException exception)
        {
            // The reader's own text quotes bytes of the payload; only the place is told.
            throw Invalid(string.Create(
                CultureInfo.InvariantCulture,
                $"broken or nested deeper than {depthMax} at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}"));
        }
    }

    private static ExpressionException Invalid(string what) => new(ExpressionException.JsonInvalid, $"The body is not JSON: {what}.");

    private JsValue ReadValue(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader),
        JsonTokenType.StartArray => ReadArray(ref reader),
        JsonTokenType.String => JsString.Create(ReadString(ref reader)),
        JsonTokenType.Number => ReadNumber(reader.ValueSpan),
        JsonTokenType.True => JsBoolean.True,
        JsonTokenType.False => JsBoolean.False,
        _ => JsValue.Null,
    };

    private JsObject ReadObject(ref Utf8JsonReader reader)
    {
        var members = _members.TryPop(out var pooled) ? pooled : [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.ValueIsEscaped ? ReadString(ref reader) : _names.Get(reader.ValueSpan);
            reader.Read();
            members.Add(new(name, ReadValue(ref reader)));
        }

        var value = JsObject.CreateFromEntries(engine, CollectionsMarshal.AsSpan(members));
        members.Clear();
        _members.Push(members);
        return value;
    }

    private JsArray ReadArray(ref Utf8JsonReader reader)
    {
        var items = _items.TryPop(out var pooled) ? pooled : [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadValue(ref reader));
        }

        var value = new JsArray(engine, items.ToArray());
        items.Clear();
        _items.Push(items);
        return value;
    }

    private static string ReadString(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? JsonEscapes.Unescape(reader.ValueSpan) : Encoding.UTF8.GetString(reader.ValueSpan);

    private JsValue ReadNumber(ReadOnlySpan<byte> text)
    {
        var integral = text.IndexOfAny(".eE"u8) < 0;
        if (integral && text.Length <= 15)
        {
            _ = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small);
            return small == 0 && text[0] == (byte)'-' ? JsNumber.Create(-0.0) : JsNumber.Create(small);
        }

        if (text.Length > DigitsMax)
        {
            throw Invalid("a number has more than 1,000 characters");
        }

        var number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (Math.Abs(number) <= SafeMax)
        {
            return JsNumber.Create(number);
        }

        if (integral)
        {
            return new ExactInteger(engine, exactIntegerPrototype, Encoding.ASCII.GetString(text));
        }

        var exact = ExactDecimal.Parse(text);
        if (exact.TryGetInteger(out var digits))
        {
            return new ExactInteger(engine, exactIntegerPrototype, digits);
        }

        return double.IsFinite(number) && exact == ExactDecimal.Parse(Encoding.ASCII.GetBytes(number.ToString("R", CultureInfo.InvariantCulture)))
            ? JsNumber.Create(number)
            : throw Invalid("a number is outside of what a double can hold");
    }
}
