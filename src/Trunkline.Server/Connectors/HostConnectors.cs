namespace Trunkline.Server.Connectors;

/// <summary>Connectors of the host, by the name <c>use:</c> names them by.</summary>
/// <param name="Sources">Sources.</param>
/// <param name="Sinks">Sinks.</param>
internal sealed record HostConnectors(IReadOnlyDictionary<string, ISourceConnector> Sources, IReadOnlyDictionary<string, ISinkConnector> Sinks)
{
    /// <summary>None.</summary>
    public static HostConnectors None { get; } = new(new Dictionary<string, ISourceConnector>(), new Dictionary<string, ISinkConnector>());
}
