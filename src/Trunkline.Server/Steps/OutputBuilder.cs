using System.Globalization;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Trunkline.Messaging;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary>Makes the messages for the sinks: identity, provenance headers, key, payload.</summary>
internal sealed class OutputBuilder(PipelinePlan plan)
{
    /// <summary>One output per sink of the branch.</summary>
    /// <exception cref="ExpressionException">A key expression failed, or the body has no JSON form.</exception>
    public IReadOnlyList<SinkOutput> Build(MessageRun run, BranchPlan branch)
    {
        var incoming = run.Input.Stored.Message;
        var payload = run.Changed ? run.Engine.WriteJson(run.Body) : incoming.Payload;
        var contentType = run.Changed ? "application/json" : incoming.ContentType;
        var headers = HeadersOf(run);
        var outputs = new SinkOutput[branch.Sinks.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            var sink = branch.Sinks[i];
            outputs[i] = new SinkOutput(sink.Index, new Message
            {
                Id = new MessageId(StableId.Of(incoming.Source, incoming.Id.Value, plan.Flow, sink.Config.Name)),
                Source = plan.Source,
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

    private Headers HeadersOf(MessageRun run)
    {
        var incoming = run.Input.Stored.Message.Headers;
        var list = new List<Header>(8) { plan.FlowHeader, plan.RevisionHeader };
        if (run.Models.Count > 0)
        {
            list.Add(new Header(HeaderNames.Models, string.Join(", ", run.Models)));
        }

        var position = run.Input.Stored.Position;
        list.Add(new Header(
            HeaderNames.Position, string.Create(CultureInfo.InvariantCulture, $"{run.Input.Topic}/{position.Partition}/{position.Offset}")));
        string? traceParent = null;
        foreach (var header in incoming)
        {
            switch (header.Name)
            {
                case HeaderNames.TraceParent:
                    traceParent = header.Text;
                    break;
                case HeaderNames.TraceState or HeaderNames.Tenant or HeaderNames.Priority or HeaderNames.CloudEventType:
                    list.Add(header);
                    break;
            }
        }

        list.Add(new Header(HeaderNames.TraceParent, TraceParent.Child(traceParent, run.Input.Stored.Message, plan.Flow)));
        return Headers.Of(list);
    }
}
