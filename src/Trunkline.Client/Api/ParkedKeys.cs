namespace Trunkline.Client.Api;

/// <summary>The parked keys of a flow.</summary>
/// <param name="Keys">At most 1,000.</param>
public sealed record ParkedKeyList(IReadOnlyList<ParkedKeyView> Keys);

/// <summary>A key whose message failed, and behind which later messages wait in order; or a single message without key that failed.</summary>
/// <param name="Key">The key read as UTF-8, for people; null for a message without key.</param>
/// <param name="KeyBase64">The key's bytes, to name it by; null for a message without key.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Waiting">Messages that wait, the failed one included.</param>
public sealed record ParkedKeyView(string? Key, string? KeyBase64, int Partition, int Waiting)
{
    /// <summary>When the first in line is tried again by itself; null if it waits for an operator.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>How often the first in line was tried; 0 if it waits for an operator.</summary>
    public int Attempts { get; init; }
}

/// <summary>Asks to release a parked key.</summary>
/// <param name="KeyBase64">The key's bytes, as the list tells them.</param>
/// <param name="SkipFailed">True leaves the failed message out (it stays a dead letter); false runs it first.</param>
public sealed record ReleaseKeyRequest(string KeyBase64, bool SkipFailed = false);

/// <summary>What came of it.</summary>
/// <param name="Outcome"><c>Released</c>, <c>NotParked</c>, <c>FailedAgain</c>, <c>Delayed</c> (failed again, is tried again later) or <c>Interrupted</c>.</param>
public sealed record ReleaseKeyResult(string Outcome);
