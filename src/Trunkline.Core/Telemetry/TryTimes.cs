using Trunkline.Messaging;

namespace Trunkline.Core.Telemetry;

/// <summary>
/// When a try of a message began and ended, and what it did meanwhile. Light enough to be kept of every try that takes a while: a sample of them says
/// nothing of the queues they stand in. Times are ticks, UTC.
/// </summary>
/// <param name="Flow">The flow.</param>
/// <param name="Sink">The sink; null for the flow itself.</param>
/// <param name="Topic">The topic or source it was taken from.</param>
/// <param name="Position">Where the message stands.</param>
/// <param name="Lane">The lanes it was taken by.</param>
public sealed record TryTimes(string Flow, string? Sink, string Topic, Position Position, LanePlace Lane)
{
    /// <summary>Shorter tries are not kept: nobody waits for them.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMicroseconds(200);

    /// <summary>Where the message stands in the flow's source: of a sink's, the message it was made from.</summary>
    public Position Place { get; init; } = Position;

    /// <summary>A hash of the message's key; null without one.</summary>
    public required int? Key { get; init; }

    /// <summary>When the message was appended.</summary>
    public required long Came { get; init; }

    /// <summary>When the try began.</summary>
    public required long Began { get; init; }

    /// <summary>When it ended.</summary>
    public required long Ended { get; init; }

    /// <summary>True if it waited for something outside, so that its lane group went on with others meanwhile.</summary>
    public bool Waits { get; init; }

    /// <summary>Its steps, its questions to models and other requests; those above before those below.</summary>
    public IReadOnlyList<TryPart> Parts { get; init; } = [];
}

/// <summary>A part of a try.</summary>
/// <param name="Name">Its name, as that of its span.</param>
/// <param name="Model">The model that was asked; null for none.</param>
/// <param name="Above">The place of the part it is below; -1 for the try itself.</param>
/// <param name="Began">When it began.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Waited">How long it waited for room at the model.</param>
public readonly record struct TryPart(string Name, string? Model, int Above, long Began, long Ended, long Waited);

/// <summary>The lanes that take the messages of a share of the keys.</summary>
/// <param name="Group">Which share.</param>
/// <param name="Lanes">Messages worked on at once.</param>
public readonly record struct LanePlace(int Group, int Lanes);
