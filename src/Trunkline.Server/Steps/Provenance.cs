using System.Globalization;
using System.Text;
using Trunkline.Messaging;

namespace Trunkline.Server.Steps;

/// <summary>What every output of a flow says about where it comes from. Immutable.</summary>
/// <param name="Flow">The flow's name.</param>
/// <param name="Revision">The revision's name.</param>
internal sealed record Provenance(string Flow, string Revision)
{
    private readonly Header _flow = new(HeaderNames.Flow, Encoding.UTF8.GetBytes(Flow));
    private readonly Header _revision = new(HeaderNames.Revision, Encoding.UTF8.GetBytes(Revision));

    /// <summary>Source of every output.</summary>
    public string Source { get; } = $"trunkline:flow/{Flow}";

    /// <summary>The id of what a sink gets of a message: equal for a repeat of the message, at this sink only.</summary>
    public MessageId IdOf(Message incoming, string sink) => new(StableId.Of(incoming.Source, incoming.Id.Value, Flow, sink));

    /// <summary>The headers of every output of a message.</summary>
    public Headers HeadersOf(MessageEffects run)
    {
        var position = run.Input.Stored.Position;
        var list = new List<Header>(8)
        {
            _flow,
            _revision,
            new(HeaderNames.Position, string.Create(CultureInfo.InvariantCulture, $"{run.Input.Topic}/{position.Partition}/{position.Offset}")),
        };
        if (run.Models.Count > 0)
        {
            list.Add(new Header(HeaderNames.Models, string.Join(", ", run.Models)));
        }

        string? traceParent = null;
        foreach (var header in run.Input.Stored.Message.Headers)
        {
            switch (header.Name)
            {
                case HeaderNames.TraceParent:
                    traceParent = header.Text;
                    break;
                case HeaderNames.TraceState or HeaderNames.Tenant or HeaderNames.Priority or HeaderNames.CloudEventType or HeaderNames.Replay:
                    list.Add(header);
                    break;
            }
        }

        list.Add(new Header(HeaderNames.TraceParent, TraceParent.Child(traceParent, run.Input.Stored.Message, Flow)));
        return Headers.Of(list);
    }
}
