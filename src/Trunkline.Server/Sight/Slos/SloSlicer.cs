using Trunkline.Server.Configuration;

namespace Trunkline.Server.Sight.Slos;

/// <summary>
/// Makes slices of a flow's minutes, for SLOs that count time and not messages. A slice counts when it is over, once; what becomes known of its messages
/// later counts in the slice it becomes known in. Slices of a time the node was away are not counted. Not thread-safe.
/// </summary>
/// <param name="objective">The SLO, with slices.</param>
internal sealed class SloSlicer(SloObjective objective)
{
    /// <summary>What one slice counts as: it may be good in parts.</summary>
    public const int Scale = 1000;

    private DateTimeOffset? _next;

    /// <summary>The slices that are over since the last time, with when they began.</summary>
    /// <param name="messages">What was counted of messages.</param>
    /// <param name="until">The minute that is not over.</param>
    public IEnumerable<(DateTimeOffset At, SloCounts Counts)> Over(SloSeries messages, DateTimeOffset until)
    {
        var length = objective.Slices!.Length;

        // The slice that is on when counting begins is seen in part only.
        var next = _next ?? Begin(until, length) + length;
        for (; next + length <= until; next += length)
        {
            yield return (next, Of(messages.Sum(next, next + length, until)));
        }

        _next = next;
    }

    /// <summary>A slice with these messages.</summary>
    public SloCounts Of(SloCounts messages)
    {
        var share = messages.Due <= 0 ? 0 : Math.Min(1, (double)messages.Bad(objective.Measure) / messages.Due);
        var bad = objective.Slices!.Target is { } target ? 1 - share < target ? Scale : 0 : (long)Math.Round(share * Scale);
        return new SloCounts(Scale, bad, bad, bad);
    }

    private static DateTimeOffset Begin(DateTimeOffset at, TimeSpan length) => new(at.UtcTicks / length.Ticks * length.Ticks, TimeSpan.Zero);
}
