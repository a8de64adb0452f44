using System.Collections.Concurrent;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Live;

/// <summary>Brings pieces of answers from flows to whoever follows a sink now; nobody's are dropped. Thread-safe.</summary>
internal sealed class PieceBoard
{
    private readonly ConcurrentDictionary<(string Flow, string Sink), Action<PartialText>> _listeners = new();

    /// <summary>What takes the pieces of a flow.</summary>
    public Action<PartialText> Of(string flow) => piece =>
    {
        if (_listeners.TryGetValue((flow, piece.Sink), out var listener))
        {
            listener(piece);
        }
    };

    /// <summary>Hears a sink's pieces from now on; must return at once. The last to listen is heard.</summary>
    public void Listen(string flow, string sink, Action<PartialText> listener) => _listeners[(flow, sink)] = listener;

    /// <summary>Hears no more, unless somebody else does.</summary>
    public void Leave(string flow, string sink, Action<PartialText> listener) =>
        _listeners.TryRemove(new KeyValuePair<(string, string), Action<PartialText>>((flow, sink), listener));
}
