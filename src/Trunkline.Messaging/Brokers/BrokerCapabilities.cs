namespace Trunkline.Messaging.Brokers;

/// <summary>
/// What a broker can do. The conformance suite runs the case of every declared capability and demands
/// <see cref="BrokerErrorCode.NotSupported"/> for the others.
/// </summary>
[Flags]
public enum BrokerCapabilities
{
    /// <summary>Only the required core.</summary>
    None = 0,

    /// <summary><see cref="IBroker.CommitAsync"/> is all or nothing.</summary>
    AtomicCommit = 1 << 0,

    /// <summary>Completed work above the committed position is remembered and not delivered again.</summary>
    CompletedAbove = 1 << 1,

    /// <summary>Duplicates are recognised by (source, id) within the topic's window.</summary>
    DedupeById = 1 << 2,

    /// <summary>Duplicates are recognised by producer, epoch and sequence; older epochs are refused.</summary>
    DedupeBySequence = 1 << 3,

    /// <summary>Seek by time works.</summary>
    SeekByTime = 1 << 4,

    /// <summary>Header values may be any bytes and names may repeat.</summary>
    BinaryHeaders = 1 << 5,

    /// <summary>State is kept by the broker and committed in the unit.</summary>
    State = 1 << 6,

    /// <summary>Retention by age and size can be applied on demand.</summary>
    Retention = 1 << 7,

    /// <summary>An acknowledged append under durability <c>sync</c> survives power loss of the node.</summary>
    SyncDurability = 1 << 8,

    /// <summary>Data outlives the process.</summary>
    Persistent = 1 << 9,

    /// <summary>Compacted topics drop superseded messages of a key.</summary>
    Compaction = 1 << 10,

    /// <summary>Messages can be erased: their offsets stay, their bytes go, from the disk too.</summary>
    Erasure = 1 << 11,
}
