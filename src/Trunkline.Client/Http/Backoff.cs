namespace Trunkline.Client.Http;

/// <summary>Pauses between tries of one call: each about twice the one before, up to ten seconds, with chance so that callers do not come back all at once.</summary>
internal struct Backoff
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    // What a node asks for counts, but not without bound: a proxy in between may ask for anything.
    private static readonly TimeSpan AskedMax = TimeSpan.FromMinutes(1);

    private int _doublings;

    /// <summary>True for a node that starts, restarts or is busy; anything else would fail the same way again.</summary>
    public static bool IsPassing(Exception failure) =>
        failure is NodeUnreachableException or TrunklineException { Status: 429 or 502 or 503 or 504 };

    /// <summary>The pause after a failure: the doubled one, or what the node asked for if that is longer.</summary>
    public TimeSpan Next(Exception failure)
    {
        var pause = PauseMin * Math.Pow(2, _doublings) * (0.5 + (Random.Shared.NextDouble() / 2));
        _doublings += pause < PauseMax ? 1 : 0;
        var asked = (failure as TrunklineException)?.RetryAfter ?? TimeSpan.Zero;
        asked = asked < AskedMax ? asked : AskedMax;
        pause = pause < PauseMax ? pause : PauseMax;
        return asked > pause ? asked : pause;
    }
}
