using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Brokers.Embedded.Groups;

/// <summary>What a group's progress must satisfy to be committed.</summary>
internal static class ProgressRules
{
    /// <summary>The most ranges completed above a position; whoever needs more must wait for its lowest message.</summary>
    public const int RangesMax = 16_384;

    /// <summary>Throws <see cref="BrokerErrorCode.PositionInvalid"/> if the progress is malformed, moves back, or passes the end.</summary>
    /// <param name="update">What is to be committed.</param>
    /// <param name="current">What is committed; null if nothing is.</param>
    /// <param name="high">The offset the partition's next message gets.</param>
    public static void Check(PositionUpdate update, Progress? current, long high)
    {
        var progress = update.Progress;
        // A seek may have put the group beyond the end; standing still there is no move.
        var end = Math.Max(high, current?.Next ?? 0);
        if (progress.Next < 0 || progress.Next > end)
        {
            throw Invalid(update, $"is outside 0 to {end}, the end");
        }

        if (current is not null && progress.Next < current.Next)
        {
            throw Invalid(update, $"is behind {current.Next}, where the group stands; seek to move back");
        }

        if (progress.CompletedAbove.Count > RangesMax)
        {
            throw Invalid(update, $"has {progress.CompletedAbove.Count} completed ranges above it; at most {RangesMax} are kept");
        }

        var floor = progress.Next;
        foreach (var range in progress.CompletedAbove)
        {
            if (range.From <= floor || range.Until <= range.From || range.Until > end)
            {
                throw Invalid(update, $"has the completed range {range.From} to {range.Until} above it; ranges must be sorted, apart, and end at {end} or below");
            }

            floor = range.Until;
        }
    }

    private static BrokerException Invalid(PositionUpdate update, string why) =>
        new(BrokerErrorCode.PositionInvalid, FormattableString.Invariant($"The position {update.Progress.Next} of {update.Topic}/{update.Partition} {why}."));
}
