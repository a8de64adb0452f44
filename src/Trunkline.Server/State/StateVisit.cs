using Trunkline.Messaging;

namespace Trunkline.Server.State;

/// <summary>Why a lane turns to a key without a message of the source: a closed family. In order with the key's messages.</summary>
/// <param name="Key">The key.</param>
internal abstract record StateVisit(MessageKey Key)
{
    /// <summary>A timer is due: its message runs, if it is still set for that time.</summary>
    internal sealed record Timer(DueTimer Due) : StateVisit(Due.Key);

    /// <summary>A value may have expired.</summary>
    internal sealed record Sweep(DueTimer Due) : StateVisit(Due.Key);

    /// <summary>An operator removes value and timers: done with true when that is durable, with false if there was nothing.</summary>
    internal sealed record Drop(MessageKey Key, TaskCompletionSource<bool> Done) : StateVisit(Key);
}
