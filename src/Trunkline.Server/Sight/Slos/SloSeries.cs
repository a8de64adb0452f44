using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Slos;

/// <summary>The counts of one flow, tenant or hop over time: as many minutes, hours and days as are kept, those without counts left out. Not thread-safe.</summary>
internal sealed class SloSeries
{
    private readonly SortedList<DateTimeOffset, SloCounts>[] _slots = [new(), new(), new()];

    /// <summary>When something was counted last; null for never.</summary>
    public DateTimeOffset? LastAt => _slots.Where(s => s.Count > 0).Select(s => (DateTimeOffset?)s.GetKeyAtIndex(s.Count - 1)).Max();

    /// <summary>Counts in the minute of a time.</summary>
    public void Count(DateTimeOffset at, SloCounts counts) => Add(FigureSpan.Minute, FigureStore.StartOf(FigureSpan.Minute, at), counts);

    /// <summary>Adds a slot.</summary>
    public void Add(FigureSpan span, DateTimeOffset start, SloCounts counts)
    {
        var slots = _slots[(int)span];
        slots[start] = slots.GetValueOrDefault(start) + counts;
    }

    /// <summary>
    /// The sum from a time on, in whole minutes for the last 48 hours, whole hours for 30 days before, and whole days: what is older than minutes
    /// are kept is counted from the next whole hour or day on.
    /// </summary>
    /// <param name="from">From when.</param>
    /// <param name="until">Until when.</param>
    /// <param name="now">The present, which what is kept depends on; null for <paramref name="until"/>.</param>
    public SloCounts Sum(DateTimeOffset from, DateTimeOffset until, DateTimeOffset? now = null)
    {
        var minutes = MinutesFrom(now ?? until);
        var hours = HoursFrom(now ?? until);
        return Sum(FigureSpan.Minute, Max(from, minutes), until) + Sum(FigureSpan.Hour, Max(from, hours), Min(minutes, until)) + Sum(FigureSpan.Day, from, Min(hours, until));
    }

    /// <summary>The first minute, from a time on, with messages that were not good; null for none. As far back as minutes are kept.</summary>
    public DateTimeOffset? FirstBad(DateTimeOffset from, SloMeasure measure)
    {
        var minutes = _slots[(int)FigureSpan.Minute];
        for (var i = FirstAt(minutes, FigureStore.StartOf(FigureSpan.Minute, from)); i < minutes.Count; i++)
        {
            if (minutes.GetValueAtIndex(i).Bad(measure) > 0)
            {
                return minutes.GetKeyAtIndex(i);
            }
        }

        return null;
    }

    /// <summary>Makes hours of minutes that are over, days of hours, and forgets what is kept no longer.</summary>
    public void Roll(DateTimeOffset before, DateTimeOffset now)
    {
        Roll(FigureSpan.Minute, FigureSpan.Hour, before, now);
        Roll(FigureSpan.Hour, FigureSpan.Day, before, now);
        foreach (var span in Enum.GetValues<FigureSpan>())
        {
            var slots = _slots[(int)span];
            while (slots.Count > 0 && slots.GetKeyAtIndex(0) < now - FigureStore.KeptFor(span))
            {
                slots.RemoveAt(0);
            }
        }
    }

    private void Roll(FigureSpan part, FigureSpan sum, DateTimeOffset before, DateTimeOffset now)
    {
        for (var at = FigureStore.StartOf(sum, before); at < FigureStore.StartOf(sum, now); at += FigureStore.LengthOf(sum))
        {
            if (Sum(part, at, at + FigureStore.LengthOf(sum)) is var counts && counts != default)
            {
                _slots[(int)sum][at] = counts;
            }
        }
    }

    /// <summary>From here on minutes are kept whole.</summary>
    private static DateTimeOffset MinutesFrom(DateTimeOffset until) => FigureStore.StartOf(FigureSpan.Hour, until - FigureStore.KeptFor(FigureSpan.Minute) + FigureStore.LengthOf(FigureSpan.Hour));

    private static DateTimeOffset HoursFrom(DateTimeOffset until) => FigureStore.StartOf(FigureSpan.Day, until - FigureStore.KeptFor(FigureSpan.Hour) + FigureStore.LengthOf(FigureSpan.Day));

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private SloCounts Sum(FigureSpan span, DateTimeOffset from, DateTimeOffset until)
    {
        var slots = _slots[(int)span];
        var sum = default(SloCounts);
        for (var i = FirstAt(slots, from); i < slots.Count && slots.GetKeyAtIndex(i) < until; i++)
        {
            sum += slots.GetValueAtIndex(i);
        }

        return sum;
    }

    private static int FirstAt(SortedList<DateTimeOffset, SloCounts> slots, DateTimeOffset from)
    {
        var (low, high) = (0, slots.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = slots.GetKeyAtIndex(middle) < from ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
