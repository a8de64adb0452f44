using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The sinks <c>sse</c> and <c>websocket</c>.</summary>
internal static class LiveGrammar
{
    public static readonly GrammarKey<string> Path = new("path", Values.HttpPath, "A path below `/out` of the node's address.") { Required = true };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Secret = new(
        "secret",
        new ListType<string>(Scalars.Secret) { AllowSingle = true, ItemsMin = 1, ItemsMax = 8 },
        "What tickets are signed with, 32 bytes or more, best as `${VAR}`; several while it changes. A client then shows a ticket, and gets the messages of its key only.")
    { Default = "none: whoever may read the node's topics gets all messages" };

    public static readonly GrammarKey<int> Clients = new("clients", Scalars.WholeNumber(1, 10_000), "The most clients at once.") { Default = "1000" };

    public static readonly ObjectType SseType = new(
        "sse", "Clients follow the messages as server-sent events, and go on where they were when they come back.", Path, Secret, Clients)
    { Shorthand = Path };

    public static readonly ObjectType WebSocketType = new(
        "websocket-sink", "Clients follow the messages over a WebSocket, and go on where they were when they come back.", Path, Secret, Clients)
    { Shorthand = Path };

    public static readonly GrammarKey<ObjectValues> Sse = new("sse", SseType, "Browsers and programs that follow it, by server-sent events.");
    public static readonly GrammarKey<ObjectValues> WebSocket = new("websocket", WebSocketType, "Browsers and programs that follow it, over a WebSocket.");
}
