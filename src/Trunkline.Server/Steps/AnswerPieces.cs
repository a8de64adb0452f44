using System.Text;
using Trunkline.Messaging;

namespace Trunkline.Server.Steps;

/// <summary>Passes answers of a streamed step on to the sinks clients follow. Thread-safe.</summary>
/// <param name="provenance">Makes the ids of the flow's outputs.</param>
/// <param name="sinks">The sinks.</param>
/// <param name="take">Takes the pieces.</param>
internal sealed class PieceSender(Provenance provenance, IReadOnlyList<string> sinks, Action<PartialText> take)
{
    /// <summary>The pieces of one try of a message; null if clients are not to see any of it.</summary>
    public AnswerPieces? Begin(Message incoming) => ReplayMark.MaySend(incoming)
        ? new AnswerPieces([.. sinks.Select(sink => (sink, Encoding.UTF8.GetString(provenance.IdOf(incoming, sink).Span)))], incoming.Key, take)
        : null;
}

/// <summary>
/// The text of one try as it comes. Each try begins at 0, which tells clients to begin afresh: so a second one doubles nothing. One model's pieces come one after the other.
/// </summary>
internal sealed class AnswerPieces((string Sink, string Id)[] outputs, MessageKey? key, Action<PartialText> take)
{
    private int _next;

    /// <summary>True once there was a piece: from then on no other model may answer.</summary>
    public bool HasBegun => Volatile.Read(ref _next) > 0;

    public void Send(string text) => Send(_next++, text);

    /// <summary>The try failed: what was shown of it is nothing.</summary>
    public void Withdraw()
    {
        if (HasBegun)
        {
            Send(0, "");
        }
    }

    private void Send(int sequence, string text)
    {
        foreach (var (sink, id) in outputs)
        {
            take(new PartialText(sink, key, id, sequence, text));
        }
    }
}
