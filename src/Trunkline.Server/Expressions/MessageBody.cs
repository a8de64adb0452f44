using Jint;
using Jint.Native;
using Jint.Runtime;
using Trunkline.Messaging;
using Trunkline.Server.Expressions.Compiled;

namespace Trunkline.Server.Expressions;

/// <summary>
/// The body of the message a lane works on, and the expressions over it. As long as they are compiled and nothing unusual is met, no
/// engine is involved; then the engine does again, from the bytes, what was done to the body so far, so that every value and every
/// failure is the engine's. Reused from message to message; one at a time, not thread-safe.
/// </summary>
/// <param name="limits">What the engine holds expressions to.</param>
internal sealed class MessageBody(ExpressionLimits limits) : IDisposable
{
    private readonly CompiledScope _scope = new();
    private readonly CompiledOutput _output = new();
    private readonly List<BodyChange> _changes = [];
    private ExpressionEngine? _engine;
    private StoredMessage _stored = null!;
    private ReadOnlyMemory<byte> _bytes;
    private BodyForm _form;
    private JsValue? _value;
    private JsValue? _meta;
    private JsValue? _stateValue;
    private ReadOnlyMemory<byte> _state;
    private bool _begun;
    private int _attempt;

    private enum BodyForm
    {
        Unread,
        Compiled,
        Engine,
    }

    /// <summary>True once the body is another than the payload, so that it must be written anew.</summary>
    public bool Changed { get; private set; }

    /// <summary>Begins a message; its body is its payload, unread.</summary>
    public void Begin(StoredMessage stored, int attempt)
    {
        (_stored, _attempt, _meta, _begun) = (stored, attempt, null, false);
        _scope.Begin(stored.Message, stored.Message.Time ?? stored.AppendedAt, attempt);
        SetBytes(stored.Message.Payload);
        Changed = false;
    }

    /// <summary>What expressions see as <c>state</c> from here on.</summary>
    /// <param name="json">JSON in UTF-8; empty for null.</param>
    public void SetState(ReadOnlyMemory<byte> json) => (_state, _stateValue) = (json, null);

    /// <summary>Makes sure that the body is JSON; it is written anew even if nothing else changes it.</summary>
    /// <exception cref="ExpressionException">It is not JSON.</exception>
    public void Parse()
    {
        if (!IsCompiled())
        {
            _ = Value();
        }

        Changed = true;
    }

    /// <summary>Puts other JSON in place of the body.</summary>
    /// <exception cref="ExpressionException">It is not JSON.</exception>
    public void Replace(ReadOnlyMemory<byte> json)
    {
        SetBytes(json);
        Parse();
    }

    /// <summary>Puts the expression's value in place of the body.</summary>
    /// <exception cref="ExpressionException">It threw or passed a limit.</exception>
    public void Map(PreparedExpression expression)
    {
        if (TryEvaluate(expression, out var value))
        {
            _scope.Replace(value);
            _changes.Add(new BodyChange(expression, "", default));
        }
        else
        {
            _value = Evaluate(expression);
        }

        Changed = true;
    }

    /// <summary>Sets a member of the body to a model's answer.</summary>
    /// <exception cref="ExpressionException">The body is no object, or the answer no JSON.</exception>
    public void Set(string name, ReadOnlyMemory<byte> json)
    {
        if (IsCompiled() && _scope.TrySet(name, json.Span))
        {
            _changes.Add(new BodyChange(null, name, json));
        }
        else
        {
            var body = Value();
            _value = Engine().With(body, name, Engine().ReadJson(json.Span));
        }

        Changed = true;
    }

    /// <summary>The expression's value as a condition.</summary>
    /// <exception cref="ExpressionException">It threw or passed a limit.</exception>
    public bool Test(PreparedExpression expression)
    {
        if (TryEvaluate(expression, out var value) && _scope.IsTrue(value) is var holds && !_scope.GaveUp)
        {
            return holds;
        }

        return TypeConverter.ToBoolean(Evaluate(expression));
    }

    /// <summary>The expression's value as a message's key; null for null and undefined.</summary>
    /// <exception cref="ExpressionException">It threw, passed a limit, or is an object or array.</exception>
    public MessageKey? Key(PreparedExpression expression)
    {
        if (TryEvaluate(expression, out var value) && CompiledOutput.TryKey(value, _scope, out var key))
        {
            return key;
        }

        return Evaluate(expression) switch
        {
            var text and (JsString or JsNumber or JsBoolean or ExactInteger) => MessageKey.FromText(TypeConverter.ToString(text)),
            var none when none.IsNull() || none.IsUndefined() => null,
            _ => throw new ExpressionException(ExpressionException.Failed, "The key is neither text, number, boolean nor null."),
        };
    }

    /// <summary>The expression's value as JSON.</summary>
    /// <exception cref="ExpressionException">It threw, passed a limit, or its value has no JSON form.</exception>
    public byte[] Write(PreparedExpression expression) =>
        TryEvaluate(expression, out var value) && _output.Write(value, _scope) is { } written ? written : Engine().WriteJson(Evaluate(expression));

    /// <summary>The expression's value as JSON; null if it is null or undefined.</summary>
    /// <exception cref="ExpressionException">It threw, passed a limit, or its value has no JSON form.</exception>
    public byte[]? WriteUnlessNull(PreparedExpression expression)
    {
        if (TryEvaluate(expression, out var compiled) && _output.Write(compiled, _scope) is { } written)
        {
            return written.AsSpan().SequenceEqual("null"u8) ? null : written;
        }

        var value = Evaluate(expression);
        return value.IsNull() || value.IsUndefined() ? null : Engine().WriteJson(value);
    }

    /// <summary>The body as JSON.</summary>
    /// <exception cref="ExpressionException">It is not JSON, or has no JSON form.</exception>
    public byte[] Write() => IsCompiled() && _output.Write(_scope.Body, _scope) is { } written ? written : Engine().WriteJson(Value());

    /// <summary>Lets the engine go. A limit stops it at any place, also inside itself; what state it is left in is nothing to build on.</summary>
    public void DropEngine()
    {
        _engine?.Dispose();
        (_engine, _begun, _value, _meta, _stateValue) = (null, false, null, null, null);
    }

    /// <inheritdoc/>
    public void Dispose() => _engine?.Dispose();

    private void SetBytes(ReadOnlyMemory<byte> json)
    {
        (_bytes, _form, _value) = (json, BodyForm.Unread, null);
        _changes.Clear();
    }

    /// <summary>True if the body is there for compiled expressions.</summary>
    private bool IsCompiled()
    {
        if (_form == BodyForm.Unread)
        {
            _form = _scope.TryRead(_bytes) ? BodyForm.Compiled : BodyForm.Engine;
        }

        return _form == BodyForm.Compiled;
    }

    private bool TryEvaluate(PreparedExpression expression, out CompiledValue value)
    {
        value = default;
        return expression.Compiled is { } node && IsCompiled() && _scope.TryEvaluate(node, out value);
    }

    private JsValue Evaluate(PreparedExpression expression)
    {
        var body = Value();
        return Engine().Evaluate(expression, InputOf(expression, body));
    }

    private ExpressionInput InputOf(PreparedExpression expression, JsValue body) => new(body, Meta(expression), State(expression));

    private JsValue State(PreparedExpression expression) =>
        expression.UsesState && !_state.IsEmpty ? _stateValue ??= Engine().ReadJson(_state.Span) : JsValue.Null;

    private JsValue Meta(PreparedExpression expression) =>
        expression.UsesMeta ? _meta ??= Engine().Meta(_stored.Message, _attempt) : JsValue.Undefined;

    /// <summary>The body in the engine. From here on the message stays there: an expression may change what it is given.</summary>
    private JsValue Value()
    {
        _form = BodyForm.Engine;
        if (_value is null)
        {
            _value = Engine().ReadJson(_bytes.Span);
            foreach (var (map, name, json) in _changes)
            {
                _value = map is null ? Engine().With(_value, name, Engine().ReadJson(json.Span)) : Engine().Evaluate(map, InputOf(map, _value));
            }

            _changes.Clear();
        }

        return _value;
    }

    private ExpressionEngine Engine()
    {
        _engine ??= new ExpressionEngine(limits);
        if (!_begun)
        {
            _begun = true;
            _engine.Begin(_stored);
        }

        return _engine;
    }

    /// <summary>A change compiled expressions made to the body: a map, or a member that was set.</summary>
    private readonly record struct BodyChange(PreparedExpression? Map, string Name, ReadOnlyMemory<byte> Json);
}
