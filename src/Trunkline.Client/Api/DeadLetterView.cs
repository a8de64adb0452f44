namespace Trunkline.Client.Api;

/// <summary>A page of dead letters.</summary>
/// <param name="DeadLetters">Newest last in each partition.</param>
/// <param name="Next">Query string of the following page, or null if there was nothing more.</param>
/// <param name="Total">Dead letters held over all flows asked for.</param>
public sealed record DeadLetterPage(IReadOnlyList<DeadLetterView> DeadLetters, string? Next, long Total);

/// <summary>A message that a flow could not process, with its cause.</summary>
public sealed record DeadLetterView
{
    /// <summary>The flow.</summary>
    public required string Flow { get; init; }

    /// <summary>Why, from the error catalogue.</summary>
    public required string Cause { get; init; }

    /// <summary>Why, for people; no payload, no secret.</summary>
    public string? Detail { get; init; }

    /// <summary>The step or sink that failed.</summary>
    public string? Step { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>Where the original stands: <c>topic/partition/offset</c>.</summary>
    public string? Position { get; init; }

    /// <summary>The dead letter itself with the original payload; <see cref="EventView.Partition"/> and offset are those in the dead-letter topic.</summary>
    public required EventView Event { get; init; }
}
