using Trunkline.Messaging;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary>Makes the messages for the sinks: identity, provenance, key, payload.</summary>
internal sealed class OutputBuilder(PipelinePlan plan)
{
    /// <summary>One output per sink of the branch.</summary>
    /// <exception cref="ExpressionException">A key expression failed, or the body has no JSON form.</exception>
    public IReadOnlyList<SinkOutput> Build(MessageRun run, BranchPlan branch, Parts parts)
    {
        var incoming = run.Input.Stored.Message;
        var payload = run.Body.Changed ? run.Body.Write() : incoming.Payload;
        var contentType = run.Body.Changed ? "application/json" : incoming.ContentType;
        var headers = plan.Provenance.HeadersOf(run.Effects);
        var outputs = new SinkOutput[branch.Sinks.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            var sink = branch.Sinks[i];
            outputs[i] = new SinkOutput(sink.Index, new Message
            {
                IdUtf8 = plan.Provenance.IdOf(incoming, parts.Name(sink.Config.Name)),
                Source = plan.Provenance.Source,
                Time = incoming.Time ?? run.Input.Stored.AppendedAt,
                Key = sink.Key is null ? incoming.Key : run.Body.Key(sink.Key),
                ContentType = contentType,
                Headers = headers,
                Payload = payload,
            });
        }

        return outputs;
    }
}
