namespace Trunkline.Server.Outcomes;

/// <summary>What became of a message. Numbers are stored: they never change, and 6 and 7 are free.</summary>
internal enum OutcomeState : byte
{
    /// <summary>A branch took it: its sinks have it, or its outboxes.</summary>
    Delivered = 0,

    /// <summary>A filter, or the lack of a matching branch, ended it.</summary>
    Filtered = 1,

    /// <summary>It went to the dead letters.</summary>
    DeadLettered = 2,

    /// <summary>It waits behind an earlier message of its key that failed.</summary>
    Parked = 3,

    /// <summary>It was let go because too much was asked; a dead letter says so.</summary>
    Shed = 4,

    /// <summary>It was too old to be worth the work; a dead letter says so.</summary>
    Expired = 5,
}
