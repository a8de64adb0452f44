using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The source <c>websocket</c>.</summary>
internal static class SocketSourceGrammar
{
    public static readonly GrammarKey<string> Path = new("path", Values.HttpPath, "A path below `/in` of the node's address that takes WebSockets.") { Required = true };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Secret = new(
        "secret",
        new ListType<string>(Scalars.Secret) { AllowSingle = true, ItemsMin = 1, ItemsMax = 8 },
        "What tickets are signed with, 32 bytes or more, best as `${VAR}`; several while it changes. A client then shows a ticket, and its messages have the key of that.")
    { Default = "none: whoever may publish may send here, with any key" };

    public static readonly GrammarKey<long> MaxSize = new("maxSize", Scalars.Size(1024, 16 * 1024 * 1024), "The largest frame.") { Default = "1MiB" };
    public static readonly GrammarKey<int> Clients = new("clients", Scalars.WholeNumber(1, 10_000), "The most clients at once.") { Default = "1000" };

    public static readonly ObjectType Type = new(
        "websocket-source",
        "Takes messages over WebSockets: a frame `{\"id\":…,\"data\":…}` each, answered once what became of it is durable.",
        Path,
        Secret,
        MaxSize,
        Clients)
    { Shorthand = Path };

    public static readonly GrammarKey<ObjectValues> WebSocket = new("websocket", Type, "Messages of browsers and programs, over a WebSocket.");
}
