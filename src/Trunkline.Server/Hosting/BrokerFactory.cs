using Microsoft.Extensions.Logging;
using Trunkline.Brokers.Embedded;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Hosting;

/// <summary>Opens a broker of one kind.</summary>
/// <param name="context">What it is opened with.</param>
/// <param name="cancellationToken">Ends the attempt.</param>
public delegate ValueTask<IBroker> BrokerFactory(BrokerContext context, CancellationToken cancellationToken);

/// <summary>What a broker is opened with.</summary>
/// <param name="Node">The node's settings; <see cref="NodeConfig.Data"/> is the folder in force, absolute.</param>
/// <param name="Time">The node's clock.</param>
/// <param name="Logs">Where it logs.</param>
public sealed record BrokerContext(NodeConfig Node, TimeProvider Time, ILoggerFactory Logs);

/// <summary>The broker kinds a node knows.</summary>
internal sealed class BrokerKinds
{
    private readonly Dictionary<string, BrokerFactory> _kinds = new(StringComparer.Ordinal)
    {
        ["memory"] = (context, _) => ValueTask.FromResult<IBroker>(new MemoryBroker(context.Time)),
        ["embedded"] = OpenEmbeddedAsync,
    };

    /// <summary>Names of the kinds, in order.</summary>
    public IEnumerable<string> Names => _kinds.Keys.Order(StringComparer.Ordinal);

    /// <summary>Adds or replaces a kind.</summary>
    public void Set(string kind, BrokerFactory factory) => _kinds[kind] = factory;

    /// <summary>The factory of a kind, or null.</summary>
    public BrokerFactory? Find(string kind) => _kinds.GetValueOrDefault(kind);

    private static async ValueTask<IBroker> OpenEmbeddedAsync(BrokerContext context, CancellationToken cancellationToken) => await EmbeddedBroker.OpenAsync(
        new EmbeddedBrokerOptions
        {
            Directory = Path.Combine(context.Node.Data, "store"),
            MemoryBytes = context.Node.BrokerMemoryBytes,
            Time = context.Time,
            Logger = context.Logs.CreateLogger("Trunkline.Brokers.Embedded"),
        },
        cancellationToken);
}
