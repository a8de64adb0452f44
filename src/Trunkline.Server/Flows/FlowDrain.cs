namespace Trunkline.Server.Flows;

/// <summary>How far a paused flow is with what it had in hand.</summary>
/// <param name="InFlight">Messages in hand and not committed.</param>
/// <param name="HeldBack">Of those, waiting for a retry or behind one.</param>
/// <param name="Pending">Messages its sinks still have to deliver.</param>
internal readonly record struct FlowDrain(long InFlight, long HeldBack, long Pending)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>True if nothing is left.</summary>
    public bool IsDone => InFlight == 0 && Pending == 0;

    /// <summary>Waits until nothing is left, for at most the given time; the flow is paused.</summary>
    public static async Task<FlowDrain> WaitAsync(RunningFlow flow, TimeSpan bound, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var now = await flow.SnapshotAsync(cancellationToken);
            var left = new FlowDrain(now.InFlight, now.HeldBack, now.Sinks.Sum(s => s.Lag));
            if (left.IsDone || time.GetElapsedTime(started) >= bound)
            {
                return left;
            }

            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }
}
