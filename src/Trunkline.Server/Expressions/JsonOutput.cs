using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using Jint;
using Jint.Native;

namespace Trunkline.Server.Expressions;

/// <summary>
/// Writes values of an engine as JSON, as JSON.stringify would, but strictly: what has no JSON form (NaN, infinities, functions
/// at the top, getters, maps, a computed integer past 2^53) is refused instead of becoming null or <c>{}</c>. Runs no code of the
/// expression. Not thread-safe.
/// </summary>
internal sealed class JsonOutput(ExpressionLimits limits)
{
    private const double SafeMax = 9007199254740991;
    private const double ExponentFrom = 1e21;
    private const int TimeCheckEvery = 256;
    private readonly JsonBuffer _buffer = new();
    private long _began;
    private uint _written;

    /// <summary>The value as JSON; the memory is a copy.</summary>
    /// <exception cref="ExpressionException">The value has no JSON form, or passes a limit.</exception>
    public byte[] Write(JsValue value)
    {
        _buffer.Clear();
        _began = Stopwatch.GetTimestamp();
        if (value.IsUndefined() || value.IsSymbol() || value.IsCallable())
        {
            throw NotJson("nothing (undefined) or a function");
        }

        WriteValue(value, 0);
        return _buffer.ToArray();
    }

    private static ExpressionException NotJson(string what) =>
        new(ExpressionException.ResultNotJson, $"The result has no JSON form: it is or holds {what}.");

    private void WriteValue(JsValue value, int depth)
    {
        switch (value)
        {
            case JsString text:
                WriteString(text.ToString());
                break;
            case JsNumber number:
                WriteNumber(number.AsNumber());
                break;
            case JsBoolean boolean:
                _buffer.Add(boolean.AsBoolean() ? "true"u8 : "false"u8);
                break;
            case JsArray array:
                WriteArray(array, Deeper(depth));
                break;
            case JsObject instance:
                WriteObject(instance, Deeper(depth));
                break;
            case ExactInteger integer:
                _buffer.AddText(integer.Digits);
                break;
            case JsDate date when double.IsFinite(date.DateValue):
                WriteString(DateText(date.DateValue));
                break;
            default:
                if (!value.IsNull() && !value.IsUndefined())
                {
                    throw NotJson($"a {value.Type}");
                }

                _buffer.Add("null"u8);
                break;
        }
    }

    private int Deeper(int depth) => depth < limits.JsonDepthMax
        ? depth + 1
        : throw NotJson($"more than {limits.JsonDepthMax} levels, or itself");

    private void WriteArray(JsArray array, int depth)
    {
        var length = array.Length;
        _buffer.Add((byte)'[');
        for (var i = 0u; i < length; i++)
        {
            if (i > 0)
            {
                _buffer.Add((byte)',');
            }

            var item = array[i];
            WriteValue(item.IsCallable() || item.IsSymbol() ? JsValue.Null : item, depth);
        }

        _buffer.Add((byte)']');
        Bound();
    }

    private void WriteObject(JsObject instance, int depth)
    {
        var first = true;
        _buffer.Add((byte)'{');
        foreach (var (name, property) in instance.GetOwnProperties())
        {
            if (!property.Enumerable || name is not JsString)
            {
                continue;
            }

            if (property.IsAccessorDescriptor())
            {
                throw NotJson("a getter");
            }

            var value = property.Value;
            if (value.IsUndefined() || value.IsCallable() || value.IsSymbol())
            {
                continue;
            }

            if (!first)
            {
                _buffer.Add((byte)',');
            }

            first = false;
            WriteString(name.ToString());
            _buffer.Add((byte)':');
            WriteValue(value, depth);
        }

        _buffer.Add((byte)'}');
        Bound();
    }

    private void WriteString(string text)
    {
        if (text.Length > limits.JsonBytesMax)
        {
            throw TooLong();
        }

        JsonEscapes.Write(text, _buffer);
        Bound();
    }

    private void WriteNumber(double number)
    {
        var magnitude = Math.Abs(number);
        if (magnitude <= SafeMax && Math.Floor(number) == number)
        {
            var whole = (long)number;
            var negativeZero = whole == 0 && double.IsNegative(number);
            if (negativeZero)
            {
                _buffer.Add((byte)'-');
            }

            Utf8Formatter.TryFormat(whole, _buffer.Room(20), out var written);
            _buffer.Advance(written);
            return;
        }

        if (!double.IsFinite(number))
        {
            throw NotJson("NaN or an infinity");
        }

        if (magnitude is > SafeMax and < ExponentFrom)
        {
            throw NotJson("an integer past 2^53 that was computed and so is not exact");
        }

        _buffer.AddText(JsNumber.Create(number).ToString());
    }

    private void Bound()
    {
        if (_buffer.Count > limits.JsonBytesMax)
        {
            throw TooLong();
        }

        // A value that holds another many times over is small in memory and large as text.
        if (++_written % TimeCheckEvery == 0 && Stopwatch.GetElapsedTime(_began) > limits.Time)
        {
            throw new ExpressionException(ExpressionException.Limit, "Writing its result took more time than it may.", transient: true);
        }
    }

    private ExpressionException TooLong() =>
        new(ExpressionException.Limit, $"The result is longer than {limits.JsonBytesMax} bytes of JSON.");

    private static string DateText(double milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
