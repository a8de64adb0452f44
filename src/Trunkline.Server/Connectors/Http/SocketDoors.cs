namespace Trunkline.Server.Connectors.Http;

/// <summary>The paths flows take WebSockets at, below <c>/in</c>: another space of names than that of requests. Thread-safe.</summary>
internal sealed class SocketDoors
{
    /// <summary>Hand messages to the flows.</summary>
    public HttpIntakes Intakes { get; } = new();
}
