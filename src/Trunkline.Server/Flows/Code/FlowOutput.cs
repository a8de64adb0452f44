using Trunkline.Messaging;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Code;

/// <summary>Takes what a handler sends. Nothing leaves before the handler has returned and the commit holds it all. Not thread-safe.</summary>
public sealed class FlowOutput
{
    // Most messages are sent on once.
    private List<Sent>? _sent;
    private readonly CodeFlow _flow;
    private readonly FlowRun _run;
    private readonly Provenance _provenance;

    internal FlowOutput(CodeFlow flow, FlowRun run, Provenance provenance)
    {
        _flow = flow;
        _run = run;
        _provenance = provenance;
    }

    /// <summary>Sends a body, as JSON, to a sink declared in <see cref="Flow.Configure"/>. A sink may be sent to more than once.</summary>
    /// <param name="sink">The topic, or the name the sink was declared with.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="key">The key; null keeps the incoming message's.</param>
    /// <exception cref="ArgumentException">The flow declares no such sink.</exception>
    public void Send<T>(string sink, T body, string? key = null)
    {
        var index = _flow.SinkIndex(sink);
        var nth = SentTo(index);
        var part = nth == 0 ? sink : FormattableString.Invariant($"{sink}\n{nth}");
        (_sent ??= new List<Sent>(1)).Add(new Sent(index, part, key is null ? _run.Effects.Input.Stored.Message.Key : MessageKey.FromText(key), _run.Write(body)));
    }

    /// <summary>What was sent, with its provenance: all models have answered by now.</summary>
    internal IReadOnlyList<SinkOutput> Complete()
    {
        if (_sent is null)
        {
            return [];
        }

        var headers = _provenance.HeadersOf(_run.Effects);
        var stored = _run.Effects.Input.Stored;
        var outputs = new SinkOutput[_sent.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            var sent = _sent[i];
            outputs[i] = new SinkOutput(sent.Sink, new Message
            {
                IdUtf8 = _provenance.IdOf(stored.Message, sent.Part),
                Source = _provenance.Source,
                Time = stored.Message.Time ?? stored.AppendedAt,
                Key = sent.Key,
                ContentType = "application/json",
                Headers = headers,
                Payload = sent.Payload,
            });
        }

        return outputs;
    }

    /// <summary>How often a sink was sent to; a message makes a handful of outputs.</summary>
    private int SentTo(int sink)
    {
        var count = 0;
        for (var i = 0; i < _sent?.Count; i++)
        {
            count += _sent[i].Sink == sink ? 1 : 0;
        }

        return count;
    }

    private readonly record struct Sent(int Sink, string Part, MessageKey? Key, byte[] Payload);
}
