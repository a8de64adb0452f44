using Trunkline.Messaging;

namespace Trunkline.Server.State;

/// <summary>What a message does to its key's state; becomes durable in the unit that completes the message.</summary>
/// <param name="Key">The key.</param>
/// <param name="Before">As it was.</param>
/// <param name="After">As it is then.</param>
internal sealed record StateChange(MessageKey Key, KeyState Before, KeyState After)
{
    /// <summary>This and a later change of the same key as one.</summary>
    public StateChange Then(StateChange later) => new(Key, Before, later.After);
}

/// <summary>What a message does to its key's state, either way.</summary>
/// <param name="Done">If the message is through; null for nothing.</param>
/// <param name="Failed">If it becomes a dead letter: nothing, but that a timer that fired is gone.</param>
internal sealed record StateOutcome(StateChange? Done, StateChange? Failed);
