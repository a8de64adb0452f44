namespace Trunkline.Client.Publishing;

/// <summary>How typed messages are published. Immutable.</summary>
public sealed record PublishOptions
{
    /// <summary>
    /// How long a publish is tried again while no node answers or it asks to wait. Messages carry their identity, so a repeat stores
    /// nothing twice within the topic's dedupe window. Default 30 s; zero for one try.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock of tries and pauses. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
