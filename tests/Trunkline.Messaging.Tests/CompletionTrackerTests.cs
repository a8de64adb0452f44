using CsCheck;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Messaging.Tests;

public class CompletionTrackerTests
{
    [Fact]
    public void The_position_never_passes_the_lowest_open_offset()
    {
        var tracker = new CompletionTracker(Progress.At(5));
        foreach (var offset in new long[] { 5, 6, 7, 8 })
        {
            tracker.Deliver(offset);
        }

        tracker.Complete(6);
        tracker.Complete(8);
        Assert.Equal(5, tracker.Progress.Next);
        Assert.Equal([new OffsetRange(6, 7), new OffsetRange(8, 9)], tracker.Progress.CompletedAbove);

        tracker.Complete(5);
        Assert.Equal(7, tracker.Progress.Next);
        Assert.Equal([new OffsetRange(8, 9)], tracker.Progress.CompletedAbove);
    }

    [Fact]
    public void Any_order_of_completion_agrees_with_a_set()
    {
        // gaps: which of 200 offsets are delivered; order: in which order some of them complete.
        Gen.Select(Gen.Bool.Array[1, 200], Gen.Int[0, 199].Array[0, 300]).Sample((delivered, order) =>
        {
            var tracker = new CompletionTracker(Progress.At(0));
            var open = new SortedSet<long>();
            for (var i = 0; i < delivered.Length; i++)
            {
                if (delivered[i])
                {
                    tracker.Deliver(i);
                    open.Add(i);
                }
            }

            foreach (var offset in order)
            {
                Assert.Equal(open.Remove(offset), tracker.Complete(offset));
            }

            var end = Array.FindLastIndex(delivered, d => d) + 1;
            for (var i = 0; i < end; i++)
            {
                Assert.Equal(!open.Contains(i), tracker.Progress.IsCompleted(i));
            }

            Assert.Equal(open.Count > 0 ? open.Min : end, tracker.Progress.Next);
            Assert.Equal(open.Count, tracker.OpenCount);
        });
    }

    [Fact]
    public void What_an_earlier_life_completed_stays_completed()
    {
        var tracker = new CompletionTracker(new Progress(3, [new OffsetRange(4, 6)]));
        tracker.Deliver(3);
        tracker.Deliver(6);
        Assert.Equal([new OffsetRange(4, 6)], tracker.Progress.CompletedAbove);
        tracker.Complete(3);
        Assert.Equal(Progress.At(6).Next, tracker.Progress.Next);
        Assert.Empty(tracker.Progress.CompletedAbove);
    }
}
