using System.Collections.Concurrent;
using Jint.Native;
using Trunkline.Messaging;
using Trunkline.Models;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Inference;

/// <summary>
/// The expressions of a model of kind http: <c>message</c> is the input, or the answer. A sandbox takes one at a time, so each call
/// borrows one; as many are kept as the machine has processors. Thread-safe.
/// </summary>
internal sealed class HttpExpressions
{
    private static readonly int s_keptMax = Environment.ProcessorCount;

    // Neither clock nor chance has a place here: every call sees the same moment.
    private static readonly StoredMessage s_moment = new(
        new Message { Id = new MessageId("model"), Payload = default, Time = DateTimeOffset.UnixEpoch }, new Position(0, 0), DateTimeOffset.UnixEpoch);

    private readonly ConcurrentBag<ExpressionEngine> _free = [];

    /// <summary>A function that makes what is sent, for <see cref="ModelOptions.WriteRequest"/>.</summary>
    public Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? Writer(string? expression) => Of(expression, ModelFailure.Refused, "request");

    /// <summary>A function that reads what comes back, for <see cref="ModelOptions.ReadAnswer"/>.</summary>
    public Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? Reader(string? expression) => Of(expression, ModelFailure.Malformed, "response");

    private Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? Of(string? expression, ModelFailure failure, string key)
    {
        if (expression is null)
        {
            return null;
        }

        var prepared = ExpressionSyntax.Prepare(expression);
        return json => Run(prepared, json, failure, key);
    }

    private ReadOnlyMemory<byte> Run(PreparedExpression expression, ReadOnlyMemory<byte> json, ModelFailure failure, string key)
    {
        var engine = _free.TryTake(out var free) ? free : new ExpressionEngine(new ExpressionLimits());
        try
        {
            engine.Begin(s_moment);
            var result = engine.WriteJson(engine.Evaluate(expression, new ExpressionInput(engine.ReadJson(json.Span), JsValue.Undefined, JsValue.Null)));
            if (_free.Count < s_keptMax)
            {
                _free.Add(engine);
                return result;
            }

            engine.Dispose();
            return result;
        }
        catch (ExpressionException exception)
        {
            // A limit leaves the sandbox in a state nothing should build on.
            engine.Dispose();
            throw new ModelException(failure, $"The model's '{key}' expression failed: {exception.Message}", exception);
        }
    }
}
