using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Jint;
using Jint.Constraints;
using Jint.Native;
using Jint.Native.Object;
using Jint.Runtime;
using Trunkline.Messaging;

namespace Trunkline.Server.Expressions;

/// <summary>
/// The sandbox of one lane: one engine, its built-ins cut down and frozen, so that nothing passes from one message to the next.
/// Each evaluation has the limits to itself. After a passed limit it must be replaced. Not thread-safe.
/// </summary>
internal sealed class ExpressionEngine : IDisposable
{
    private static readonly Prepared<Acornima.Ast.Script> Sandbox = Engine.PrepareScript(ReadSandbox());
    private readonly Dictionary<PreparedExpression, JsValue> _functions = new(ReferenceEqualityComparer.Instance);
    private readonly JsValue[] _arguments = new JsValue[3];
    private readonly OperationDeadlineConstraint _deadline = new();
    private readonly MessageClock _clock = new();
    private readonly TimeSpan _time;
    private readonly JsonInput _input;
    private readonly JsonOutput _output;
    private readonly Engine _engine;
    private Message? _message;
    private DateTimeOffset _now;

    public ExpressionEngine(ExpressionLimits limits)
    {
        _engine = new Engine(options => Configure(options, limits));
        _time = limits.Time;
        var host = new SandboxHost(_engine, limits, _clock);
        var exactIntegerPrototype = (ObjectInstance)_engine.Call(_engine.Evaluate(Sandbox), JsValue.Undefined, [host.ToObject()]);
        _input = new JsonInput(_engine, exactIntegerPrototype, limits.JsonDepthMax);
        _output = new JsonOutput(limits);
        host.Use(_input);
    }

    /// <summary>Reads a body.</summary>
    /// <exception cref="ExpressionException">It is not JSON.</exception>
    public JsValue ReadJson(ReadOnlySpan<byte> utf8) => _input.Read(utf8);

    /// <summary>Writes a value.</summary>
    /// <exception cref="ExpressionException">It has no JSON form.</exception>
    public byte[] WriteJson(JsValue value) => _output.Write(value);

    /// <summary>Begins a message: its time becomes the clock and its identity seeds the dice.</summary>
    public void Begin(StoredMessage stored)
    {
        _now = stored.Message.Time ?? stored.AppendedAt;
        _message = stored.Message;
    }

    /// <summary>The value of <c>meta</c>.</summary>
    public JsValue Meta(Message message, int attempt) => MetaObject.Of(_engine, message, _now, attempt);

    /// <summary>A copy of an object with one member set; anything else than an object is refused.</summary>
    /// <exception cref="ExpressionException">The body is no object.</exception>
    public JsValue With(JsValue body, string name, JsValue value)
    {
        if (body is not JsObject instance)
        {
            throw new ExpressionException(ExpressionException.Failed, $"The body is not an object, so '{name}' cannot be put into it.");
        }

        var members = instance.GetOwnProperties().Select(p => KeyValuePair.Create(p.Key.ToString(), p.Value.Value));
        return JsObject.CreateFromEntries(_engine, members.Append(new(name, value)));
    }

    /// <summary>Evaluates for the message begun last.</summary>
    /// <exception cref="ExpressionException">It threw or passed a limit.</exception>
    public JsValue Evaluate(PreparedExpression expression, in ExpressionInput input)
    {
        // Seeded per expression, so that adding a step does not change the dice of the next.
        _clock.Set(_now, _message, expression.Seed);
        try
        {
            if (!_functions.TryGetValue(expression, out var function))
            {
                function = _engine.Evaluate(expression.Script);
                _functions.Add(expression, function);
            }

            _arguments[0] = input.Message;
            _arguments[1] = input.Meta;
            _arguments[2] = input.State;
            // Armed for evaluations only: making the engine is the node's own work.
            _deadline.Begin(_time);
            return _engine.Call(function, JsValue.Undefined, _arguments);
        }
        catch (JavaScriptException exception)
        {
            throw new ExpressionException(ExpressionException.Failed, Describe(exception, expression));
        }
        catch (Exception exception) when (LimitOf(exception) is { } limit)
        {
            var transient = exception is TimeoutException or RegexMatchTimeoutException;
            throw new ExpressionException(ExpressionException.Limit, $"It took more than it may: {limit}.", transient);
        }
        catch (JintException exception)
        {
            throw new ExpressionException(ExpressionException.Failed, $"It failed: {exception.GetType().Name}.");
        }
        finally
        {
            _deadline.End();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _engine.Dispose();

    private void Configure(Options options, ExpressionLimits limits)
    {
        options.Strict().DisableStringCompilation().Culture(CultureInfo.InvariantCulture).LocalTimeZone(TimeZoneInfo.Utc);
        options.MaxStatements(limits.StatementsMax).LimitMemory(limits.AllocatedBytesMax).LimitRecursion(limits.RecursionMax);
        options.Constraint(_deadline).RegexTimeoutInterval(limits.RegexTime).MaxArraySize(limits.ArrayLengthMax);
        options.Constraints.StackOverflowGuard = true;
        options.TimeSystem = _clock;
    }

    private static string? LimitOf(Exception exception) => exception switch
    {
        StatementsCountOverflowException => "statements",
        MemoryLimitExceededException or OutOfMemoryException => "memory",
        RecursionDepthOverflowException or InsufficientExecutionStackException => "depth of calls",
        RegexMatchTimeoutException => "time in a regular expression",
        TimeoutException => "time",
        _ => null,
    };

    // What was thrown can hold the payload, so only a built-in error's kind and the place in the author's own text are told.
    private static string Describe(JavaScriptException exception, PreparedExpression expression)
    {
        var error = exception.Error is ObjectInstance instance ? instance.Prototype?.Get("name").ToString() : null;
        var kind = error is "TypeError" or "RangeError" or "ReferenceError" or "SyntaxError" or "URIError" ? error : "an error";
        var start = exception.Location.Start;
        var lines = expression.Source.Split('\n');
        if (start.Line < 2 || start.Line - 2 >= lines.Length || start.Column > lines[start.Line - 2].Length)
        {
            return $"The expression threw {kind}.";
        }

        var line = lines[start.Line - 2];
        var near = line[start.Column..Math.Min(line.Length, start.Column + 40)];
        return string.Create(CultureInfo.InvariantCulture, $"The expression threw {kind} at column {start.Column + 1}: {near}");
    }

    private static string ReadSandbox()
    {
        using var stream = typeof(ExpressionEngine).Assembly.GetManifestResourceStream("Trunkline.Server.Expressions.sandbox.js")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
