namespace Trunkline.Messaging.Brokers;

/// <summary>Why a broker refused or failed. Names are stable; the API maps them to problem codes.</summary>
public enum BrokerErrorCode
{
    /// <summary>The broker does not declare the capability.</summary>
    NotSupported,

    /// <summary>No such topic.</summary>
    TopicNotFound,

    /// <summary>The topic exists with other settings.</summary>
    TopicConflict,

    /// <summary>The name breaks <see cref="Topics.TopicName"/>.</summary>
    TopicNameInvalid,

    /// <summary>No such partition.</summary>
    PartitionNotFound,

    /// <summary>The group has no position and no member.</summary>
    GroupNotFound,

    /// <summary>A message exceeds the topic's bound.</summary>
    MessageTooLarge,

    /// <summary>The fencing token is older than the current owner's, or the producer epoch is.</summary>
    Fenced,

    /// <summary>A producer sequence skipped numbers.</summary>
    SequenceGap,

    /// <summary>A position beyond the end, or backwards without a seek.</summary>
    PositionInvalid,

    /// <summary>Too much queued: try again later.</summary>
    Overloaded,

    /// <summary>No space left; nothing was stored.</summary>
    DiskFull,

    /// <summary>Stored data is damaged; refused rather than skipped.</summary>
    StoreDamaged,

    /// <summary>An earlier write or sync failed; nothing is accepted until the store is reopened.</summary>
    StoreFailed,

    /// <summary>Another process owns the store.</summary>
    StoreLocked,

    /// <summary>The store was written by a newer format, or has changes that a backup to be restored over it lacks.</summary>
    StoreNewer,

    /// <summary>The broker was closed.</summary>
    Closed,

    /// <summary>The broker cannot be reached within its time-out.</summary>
    Unreachable,
}

/// <summary>A refusal or failure of a broker, typed. Messages carry names and numbers, never payloads or secrets.</summary>
public sealed class BrokerException(BrokerErrorCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public BrokerErrorCode Code { get; } = code;
}
