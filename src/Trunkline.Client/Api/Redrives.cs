namespace Trunkline.Client.Api;

/// <summary>Asks to run the message of a dead letter again.</summary>
/// <param name="PayloadBase64">Another payload in its place; null for the original. The original stays with the dead letter.</param>
/// <param name="ContentType">Type of that payload; null keeps the original's.</param>
public sealed record RedriveRequest(string? PayloadBase64 = null, string? ContentType = null);

/// <summary>What came of it.</summary>
/// <param name="Outcome">
/// <c>redriven</c>, <c>failed-again</c> (there is a newer dead letter), <c>delayed</c> (failed, is tried again later), <c>parked</c> (in line behind its parked
/// key), or, with nothing done, <c>already-done</c>, <c>busy</c>, <c>interrupted</c>, <c>no-flow</c>.
/// </param>
/// <param name="Detail">For people.</param>
public sealed record RedriveResponse(string Outcome, string Detail);

/// <summary>Asks to drop dead letters.</summary>
/// <param name="Selection">Which; all that is null fits all.</param>
/// <param name="Expire">True writes it into the changes as an expiry, which is what dropping by age is. Default false.</param>
public sealed record DropRequest(DeadLetterSelection Selection, bool Expire = false);

/// <summary>What was dropped.</summary>
/// <param name="Dropped">How many.</param>
public sealed record DropResponse(long Dropped);

/// <summary>Asks to redrive many.</summary>
/// <param name="Selection">Which; all that is null fits all.</param>
/// <param name="Rate">Messages a second at most, 1 to 1,000,000; null for as fast as the flow takes them.</param>
public sealed record BeginRedriveRequest(DeadLetterSelection Selection, int? Rate = null);

/// <summary>Redrives by filter, newest first.</summary>
/// <param name="Redrives">Those that run, and the last hundred that ended.</param>
public sealed record RedriveList(IReadOnlyList<RedriveView> Redrives);

/// <summary>A redrive by filter.</summary>
public sealed record RedriveView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The flow.</summary>
    public required string Flow { get; init; }

    /// <summary><c>running</c> (also after a restart), <c>done</c>, <c>cancelled</c> or <c>failed</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it failed; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>Which dead letters.</summary>
    public required DeadLetterSelection Selection { get; init; }

    /// <summary>Messages a second at most; null for no bound.</summary>
    public int? Rate { get; init; }

    /// <summary>Who began it.</summary>
    public required string Who { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Messages that went through the flow.</summary>
    public long Redriven { get; init; }

    /// <summary>Messages that failed again and are newer dead letters.</summary>
    public long FailedAgain { get; init; }

    /// <summary>Messages that are tried again later, or wait in line behind a parked key.</summary>
    public long Waiting { get; init; }

    /// <summary>Dead letters dealt with by others meanwhile.</summary>
    public long Skipped { get; init; }
}
