using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Hosting;

/// <summary>Opens a broker of one kind.</summary>
/// <param name="node">The node's settings; <see cref="NodeConfig.Data"/> is the folder in force.</param>
/// <param name="time">The node's clock.</param>
/// <param name="cancellationToken">Ends the attempt.</param>
public delegate ValueTask<IBroker> BrokerFactory(NodeConfig node, TimeProvider time, CancellationToken cancellationToken);

/// <summary>The broker kinds a node knows.</summary>
internal sealed class BrokerKinds
{
    private readonly Dictionary<string, BrokerFactory> _kinds = new(StringComparer.Ordinal)
    {
        ["memory"] = (_, time, _) => ValueTask.FromResult<IBroker>(new MemoryBroker(time)),
        ["embedded"] = (_, time, _) => ValueTask.FromResult<IBroker>(new MemoryBroker(time)),
    };

    /// <summary>Names of the kinds, in order.</summary>
    public IEnumerable<string> Names => _kinds.Keys.Order(StringComparer.Ordinal);

    /// <summary>Adds or replaces a kind.</summary>
    public void Set(string kind, BrokerFactory factory) => _kinds[kind] = factory;

    /// <summary>The factory of a kind, or null.</summary>
    public BrokerFactory? Find(string kind) => _kinds.GetValueOrDefault(kind);
}
