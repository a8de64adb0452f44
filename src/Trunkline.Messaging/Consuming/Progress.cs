namespace Trunkline.Messaging.Consuming;

/// <summary>Offsets from <paramref name="From"/> up to, not including, <paramref name="Until"/>.</summary>
/// <param name="From">First offset.</param>
/// <param name="Until">The offset after the last.</param>
public readonly record struct OffsetRange(long From, long Until);

/// <summary>
/// How far work on a partition has come: everything below <see cref="Next"/> is completed, and so are the ranges above it.
/// The committed position never passes the lowest incomplete offset; what is completed above is not run again.
/// </summary>
/// <param name="Next">The lowest offset not completed.</param>
/// <param name="CompletedAbove">Ranges completed above it: sorted, apart from each other, each with <c>From</c> &gt; <see cref="Next"/>.</param>
public sealed record Progress(long Next, IReadOnlyList<OffsetRange> CompletedAbove)
{
    /// <summary>Progress with nothing completed above.</summary>
    public static Progress At(long next) => new(next, []);

    /// <summary>True if the offset needs no work any more.</summary>
    public bool IsCompleted(long offset)
    {
        if (offset < Next)
        {
            return true;
        }

        var (low, high) = (0, CompletedAbove.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (offset < CompletedAbove[middle].From)
            {
                high = middle - 1;
            }
            else if (offset >= CompletedAbove[middle].Until)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
