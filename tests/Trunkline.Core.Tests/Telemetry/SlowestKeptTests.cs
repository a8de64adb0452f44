using Trunkline.Core.Telemetry;

namespace Trunkline.Core.Tests.Telemetry;

/// <summary>Which messages count as slow.</summary>
public sealed class SlowestKeptTests
{
    [Fact]
    public void Only_what_is_slower_than_the_slowest_so_far_is_kept()
    {
        var slowest = new SlowestKept(TimeProvider.System);
        var first = Enumerable.Range(1, SlowestKept.Kept).Select(i => slowest.IsSlow(TimeSpan.FromMilliseconds(i))).ToList();
        Assert.DoesNotContain(false, first);
        Assert.False(slowest.IsSlow(TimeSpan.FromMilliseconds(1)));
        Assert.True(slowest.IsSlow(TimeSpan.FromMilliseconds(2)));
        Assert.False(slowest.IsSlow(TimeSpan.FromMilliseconds(2)));
    }

    [Fact]
    public void Few_of_many_are_kept_and_the_slowest_always_is()
    {
        var slowest = new SlowestKept(TimeProvider.System);
        var random = new Random(7);
        var all = Enumerable.Range(0, 10_000).Select(_ => random.Next(1, 1_000_000)).ToList();
        var kept = all.Where(t => slowest.IsSlow(TimeSpan.FromTicks(t))).ToList();
        Assert.Contains(all.Max(), kept);
        Assert.InRange(kept.Count, SlowestKept.Kept, 200);
    }

    [Fact]
    public void While_lag_grows_few_are_kept_although_each_is_the_slowest_so_far()
    {
        var slowest = new SlowestKept(new Standing());
        var kept = Enumerable.Range(1_000_000, 1_000_000).Count(ticks => slowest.IsSlow(TimeSpan.FromTicks(ticks)));

        // Twice as long is 36 margins.
        Assert.InRange(kept, SlowestKept.Many, SlowestKept.Many + 36);
        Assert.True(slowest.IsSlow(TimeSpan.FromTicks(3_000_000)));
    }

    /// <summary>A clock that stands still: all is in one window, however long the test takes.</summary>
    private sealed class Standing : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
