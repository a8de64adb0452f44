namespace Trunkline.Client.Api;

/// <summary>A page of dead letters.</summary>
/// <param name="DeadLetters">Oldest first in each partition.</param>
/// <param name="Next">Path and query of the following page, or null if there is nothing more.</param>
/// <param name="Total">Open dead letters over all flows asked for, whatever else was asked.</param>
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

    /// <summary>The type of the exception behind it, where there was one.</summary>
    public string? Exception { get; init; }

    /// <summary>How often it was tried, in place and later together.</summary>
    public int Attempts { get; init; }

    /// <summary>When it failed first.</summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>When it failed for good.</summary>
    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>The revision it failed on.</summary>
    public string? Revision { get; init; }

    /// <summary>Its trace: a W3C <c>traceparent</c>.</summary>
    public string? Trace { get; init; }

    /// <summary>Where the original stands: <c>topic/partition/offset</c>.</summary>
    public string? Position { get; init; }

    /// <summary>Bytes of the original payload.</summary>
    public long PayloadBytes { get; init; }

    /// <summary>What was done with it: <c>redriven</c>, <c>edited</c>, <c>dropped</c> or <c>expired</c>; null while it is open.</summary>
    public string? Deed { get; init; }

    /// <summary>When that was done.</summary>
    public DateTimeOffset? DeedAt { get; init; }

    /// <summary>
    /// The dead letter itself; <see cref="EventView.Partition"/> and offset are those in the dead-letter topic, by which it is named. Its
    /// payload is told only where it was asked for.
    /// </summary>
    public required EventView Event { get; init; }
}

/// <summary>Open dead letters by cause, the most first.</summary>
/// <param name="Groups">At most 200; what is beyond is together under the cause <c>other</c>.</param>
public sealed record DeadLetterGroupList(IReadOnlyList<DeadLetterGroupView> Groups);

/// <summary>Open dead letters of one cause.</summary>
public sealed record DeadLetterGroupView
{
    /// <summary>The flow.</summary>
    public required string Flow { get; init; }

    /// <summary>Why, from the error catalogue.</summary>
    public required string Cause { get; init; }

    /// <summary>The step or sink that failed.</summary>
    public string? Step { get; init; }

    /// <summary>The type of the exception behind it, where there was one.</summary>
    public string? Exception { get; init; }

    /// <summary>How many.</summary>
    public required long Count { get; init; }

    /// <summary>When the first of them failed for good.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>When the last did.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>The last one: <c>partition/offset</c>.</summary>
    public required string Example { get; init; }

    /// <summary>What happened to the last one, for people.</summary>
    public string? Detail { get; init; }
}

/// <summary>Which dead letters are meant: those that fit all that is given.</summary>
public sealed record DeadLetterSelection
{
    /// <summary>The code of the cause.</summary>
    public string? Cause { get; init; }

    /// <summary>The step or sink.</summary>
    public string? Step { get; init; }

    /// <summary>The type of the exception.</summary>
    public string? Exception { get; init; }

    /// <summary>The key, as text.</summary>
    public string? Key { get; init; }

    /// <summary>The message's id.</summary>
    public string? Id { get; init; }

    /// <summary>The tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Those that failed for good at or after this.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Those that failed for good before this.</summary>
    public DateTimeOffset? Until { get; init; }
}
