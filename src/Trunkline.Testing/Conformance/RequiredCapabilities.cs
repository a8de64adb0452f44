using Trunkline.Messaging.Brokers;

namespace Trunkline.Testing.Conformance;

/// <summary>What each kind of broker must declare; lacking one of these fails its conformance.</summary>
public static class RequiredCapabilities
{
    private const BrokerCapabilities InProcess =
        BrokerCapabilities.AtomicCommit | BrokerCapabilities.CompletedAbove | BrokerCapabilities.DedupeById
        | BrokerCapabilities.DedupeBySequence | BrokerCapabilities.SeekByTime | BrokerCapabilities.BinaryHeaders
        | BrokerCapabilities.State | BrokerCapabilities.Retention | BrokerCapabilities.Compaction | BrokerCapabilities.Erasure;

    /// <summary>Required capabilities by <see cref="IBroker.Kind"/>.</summary>
    public static IReadOnlyDictionary<string, BrokerCapabilities> ByKind { get; } = new Dictionary<string, BrokerCapabilities>
    {
        ["memory"] = InProcess,
        ["embedded"] = InProcess | BrokerCapabilities.Persistent | BrokerCapabilities.SyncDurability,
    };
}
