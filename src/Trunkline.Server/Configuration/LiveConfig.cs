using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration;

/// <summary><c>{ sse: { path, secret } }</c> or <c>{ websocket: { path, secret } }</c>: clients below <c>/out</c> of the node's address get the messages as they come.</summary>
/// <param name="Name">See <see cref="SinkConfig"/>.</param>
/// <param name="Live">How they get them.</param>
/// <param name="Path">The path, starting with a slash.</param>
/// <param name="Where">See <see cref="SinkConfig"/>.</param>
public sealed record LiveSinkConfig(string Name, LiveKind Live, string Path, SourceLocation Where) : OutboxSinkConfig(Name, Where)
{
    /// <summary>What tickets are signed with: several while it changes; none if whoever may read the node's topics may read here.</summary>
    public IReadOnlyList<Secret> Secrets { get; init; } = [];

    /// <summary>The most clients at once. Default 1,000.</summary>
    public int ClientsMax { get; init; } = 1000;

    /// <summary>True if every client shows a ticket, and gets the messages of that ticket's key only.</summary>
    public bool AsksForTickets => Secrets.Count > 0;

    internal override string Kind => Live == LiveKind.Sse ? "sse" : "websocket";

    internal override string Shown => "/out" + Path;
}

/// <summary>How clients get messages as they come.</summary>
public enum LiveKind
{
    /// <summary>Server-sent events.</summary>
    Sse,

    /// <summary>WebSocket.</summary>
    WebSocket,
}

/// <summary><c>from: { websocket: { path, secret } }</c>: a frame of a WebSocket below <c>/in</c> of the node's address is a message.</summary>
/// <param name="Path">The path, starting with a slash.</param>
/// <param name="Where">Where it is written.</param>
public sealed record WebSocketSourceConfig(string Path, SourceLocation Where) : SourceConfig(Where)
{
    /// <summary>What tickets are signed with: several while it changes; none if whoever may publish may send here.</summary>
    public IReadOnlyList<Secret> Secrets { get; init; } = [];

    /// <summary>The largest frame, in bytes. Default 1 MiB.</summary>
    public int FrameBytesMax { get; init; } = 1024 * 1024;

    /// <summary>The most clients at once. Default 1,000.</summary>
    public int ClientsMax { get; init; } = 1000;

    internal override string Shown => Origin("");

    internal override string Origin(string flow) => "websocket:" + Path;

    internal override bool IsSame(SourceConfig other) => other is WebSocketSourceConfig socket && socket.Path == Path;
}
