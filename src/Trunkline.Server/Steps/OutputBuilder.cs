using Jint;
using Jint.Native;
using Jint.Runtime;
using Trunkline.Messaging;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary>Makes the messages for the sinks: identity, provenance, key, payload.</summary>
internal sealed class OutputBuilder(PipelinePlan plan)
{
    /// <summary>One output per sink of the branch.</summary>
    /// <exception cref="ExpressionException">A key expression failed, or the body has no JSON form.</exception>
    public IReadOnlyList<SinkOutput> Build(MessageRun run, BranchPlan branch)
    {
        var incoming = run.Input.Stored.Message;
        var payload = run.Changed ? run.Engine.WriteJson(run.Body) : incoming.Payload;
        var contentType = run.Changed ? "application/json" : incoming.ContentType;
        var headers = plan.Provenance.HeadersOf(run.Effects);
        var outputs = new SinkOutput[branch.Sinks.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            var sink = branch.Sinks[i];
            outputs[i] = new SinkOutput(sink.Index, new Message
            {
                Id = plan.Provenance.IdOf(incoming, sink.Config.Name),
                Source = plan.Provenance.Source,
                Time = incoming.Time ?? run.Input.Stored.AppendedAt,
                Key = sink.Key is null ? incoming.Key : KeyOf(run, sink.Key),
                ContentType = contentType,
                Headers = headers,
                Payload = payload,
            });
        }

        return outputs;
    }

    private static MessageKey? KeyOf(MessageRun run, PreparedExpression expression)
    {
        var value = run.Evaluate(expression);
        return value switch
        {
            JsString or JsNumber or JsBoolean or ExactInteger => MessageKey.FromText(TypeConverter.ToString(value)),
            _ when value.IsNull() || value.IsUndefined() => null,
            _ => throw new ExpressionException(ExpressionException.Failed, "The key is neither text, number, boolean nor null."),
        };
    }
}
