using CsCheck;
using Trunkline.Server.Sight.CriticalPaths;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>Waits in topics, first come first served.</summary>
public sealed class QueueReplayTests
{
    [Fact]
    public void One_taker_after_the_other_as_by_hand() =>
        Assert.Equal([0, 5, 10, 0], QueueReplay.Waits([(0, 10), (5, 10), (10, 10), (100, 1)], 1));

    [Fact]
    public void By_one_taker_it_is_what_was_left_of_the_work_before() => Gen.Select(Gen.Long[0, 20], Gen.Long[0, 30]).Array[1, 50].Sample(drafts =>
    {
        var queue = new List<(long Came, long Takes)>();
        foreach (var (after, takes) in drafts)
        {
            queue.Add(((queue.Count == 0 ? 0 : queue[^1].Came) + after, takes));
        }

        // Lindley's recursion.
        var waits = QueueReplay.Waits(queue, 1);
        for (var i = 1; i < waits.Length; i++)
        {
            Assert.Equal(Math.Max(0, waits[i - 1] + queue[i - 1].Takes - (queue[i].Came - queue[i - 1].Came)), waits[i]);
        }
    });

    [Fact]
    public void More_takers_never_let_anybody_wait_longer_and_enough_let_nobody_wait() => Gen.Select(Gen.Long[0, 20], Gen.Long[0, 30]).Array[1, 30].Sample(drafts =>
    {
        var queue = drafts.OrderBy(d => d.Item1).Select(d => (d.Item1, d.Item2)).ToList();
        var waits = QueueReplay.Waits(queue, 1);
        for (var takers = 2; takers <= queue.Count; takers++)
        {
            var fewer = QueueReplay.Waits(queue, takers);
            Assert.All(fewer.Zip(waits), w => Assert.True(w.First <= w.Second));
            waits = fewer;
        }

        Assert.True(queue.Count == 1 || waits.All(w => w == 0));
    });

    [Fact]
    public void What_ran_at_once_is_counted_without_what_only_touched()
    {
        Assert.Equal(1, QueueReplay.AtOnce([(0, 10), (10, 20)]));
        Assert.Equal(3, QueueReplay.AtOnce([(0, 10), (1, 9), (2, 3), (4, 8)]));
        Assert.Equal(1, QueueReplay.AtOnce([]));
    }
}
