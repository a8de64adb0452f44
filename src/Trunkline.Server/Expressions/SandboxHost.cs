using System.Text;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Jint.Runtime.Interop;

namespace Trunkline.Server.Expressions;

/// <summary>What <c>sandbox.js</c> is given from outside; expressions reach it only through the built-ins made there.</summary>
internal sealed class SandboxHost(Engine engine, ExpressionLimits limits, MessageClock clock)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private JsonInput? _input;

    /// <summary>The host object.</summary>
    public JsObject ToObject() => JsObject.CreateFromEntries(
        engine,
        [
            new("charsMax", JsNumber.Create(limits.CharsMax)),
            new("exceed", Function("exceed", arguments => throw new ExpressionException(
                ExpressionException.Limit, $"It makes {arguments[0]}."))),
            new("tick", Function("tick", _ =>
            {
                engine.Constraints.Check();
                return JsValue.Undefined;
            })),
            new("random", Function("random", _ => JsNumber.Create(clock.NextRandom()))),
            new("digits", Function("digits", arguments => JsString.Create(arguments[0].ToString()))),
            new("parse", Function("parse", Parse)),
            new("stringify", Function("stringify", Stringify)),
        ]);

    /// <summary>Enables <c>JSON.parse</c>, once the prototype its integers need is there.</summary>
    public void Use(JsonInput input) => _input = input;

    private ClrFunction Function(string name, Func<JsValue[], JsValue> body) => new(engine, name, (_, arguments) => body(arguments));

    private JsValue Parse(JsValue[] arguments)
    {
        if (arguments.Length > 1)
        {
            throw new JavaScriptException(engine.Intrinsics.TypeError, "JSON.parse takes one argument here");
        }

        try
        {
            return _input!.Read(Strict.GetBytes(TypeConverter.ToString(arguments.Length == 0 ? JsValue.Undefined : arguments[0])));
        }
        catch (Exception exception) when (exception is ExpressionException or EncoderFallbackException)
        {
            throw new JavaScriptException(engine.Intrinsics.Error, "JSON.parse was given text that is not JSON");
        }
    }

    private JsValue Stringify(JsValue[] arguments)
    {
        if (arguments.Length > 1)
        {
            throw new JavaScriptException(engine.Intrinsics.TypeError, "JSON.stringify takes one argument here");
        }

        var value = arguments.Length == 0 ? JsValue.Undefined : arguments[0];
        return value.IsUndefined() || value.IsSymbol() || value.IsCallable()
            ? JsValue.Undefined
            : JsString.Create(Encoding.UTF8.GetString(new JsonOutput(limits).Write(value)));
    }
}
