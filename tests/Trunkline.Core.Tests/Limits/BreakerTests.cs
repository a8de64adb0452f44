using Trunkline.Core.Limits;

namespace Trunkline.Core.Tests.Limits;

public sealed class BreakerTests
{
    private static readonly BreakerRule Rule = new(3, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(35));
    private readonly SteppedClock _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_opens_after_failures_in_a_row_only()
    {
        using var breaker = new Breaker(Rule, _clock);
        foreach (var failed in new[] { true, true, false, true, true })
        {
            var pass = await breaker.EnterAsync(Cancel);
            if (failed)
            {
                Assert.False(breaker.Failed(pass, "503", null));
            }
            else
            {
                breaker.Succeeded(pass);
            }
        }

        Assert.True(breaker.IsClosed);
        Assert.True(breaker.Failed(await breaker.EnterAsync(Cancel), "503", null));
        Assert.Equal(new BreakerReport(BreakerState.Open, 3, _clock.GetUtcNow(), _clock.GetUtcNow().AddSeconds(10), 0, "503"), breaker.Report());
    }

    [Fact]
    public async Task While_it_pauses_calls_wait_and_one_after_the_other_is_the_probe_with_longer_pauses()
    {
        using var breaker = await OpenedAsync();
        var waiting = Enumerable.Range(0, 3).Select(_ => breaker.EnterAsync(Cancel).AsTask()).ToArray();
        Assert.Equal(3, breaker.Report().Waiting);
        foreach (var (probe, pause) in new[] { (0, 10), (1, 20) })
        {
            _clock.Advance(TimeSpan.FromSeconds(pause - 1));
            Assert.Equal(BreakerState.Open, breaker.Report().State);
            Assert.DoesNotContain(waiting, w => w.IsCompleted && w != waiting[0]);
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal((BreakerState.Probing, true), (breaker.Report().State, (await waiting[probe]).IsProbe));
            Assert.True(breaker.Failed(await waiting[probe], "503", null));
        }

        // Doubled, but never more than the longest.
        Assert.Equal(_clock.GetUtcNow().AddSeconds(35), breaker.Report().NextProbe);
        _clock.Advance(TimeSpan.FromSeconds(35));
        var late = breaker.EnterAsync(Cancel).AsTask();
        Assert.False(late.IsCompleted);
        breaker.Succeeded(await waiting[2]);
        Assert.False((await late).IsProbe);
        Assert.Equal(new BreakerReport(BreakerState.Closed, 0, null, null, 0, null), breaker.Report());
    }

    [Fact]
    public async Task A_probe_that_leaves_hands_over_and_one_that_comes_late_is_taken_at_once()
    {
        using var breaker = await OpenedAsync();
        using var impatient = new CancellationTokenSource();
        var first = breaker.EnterAsync(impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(0, breaker.Report().Waiting);
        _clock.Advance(TimeSpan.FromSeconds(10));
        var probe = await breaker.EnterAsync(Cancel);
        var next = breaker.EnterAsync(Cancel).AsTask();
        Assert.True(probe.IsProbe);
        Assert.False(next.IsCompleted);
        breaker.GaveUp(probe);
        Assert.True((await next).IsProbe);
    }

    [Fact]
    public async Task A_call_from_before_neither_lengthens_the_pause_nor_is_held_against_its_message()
    {
        using var breaker = new Breaker(Rule, _clock);
        var passes = new List<BreakerPass>();
        for (var i = 0; i < 5; i++)
        {
            passes.Add(await breaker.EnterAsync(Cancel));
        }

        Assert.Equal([false, false, true, true], passes.Take(4).Select(p => breaker.Failed(p, "503", null)));
        Assert.Equal(_clock.GetUtcNow().AddSeconds(10), breaker.Report().NextProbe);
        breaker.Succeeded(passes[4]);
        Assert.True(breaker.IsClosed);
    }

    [Fact]
    public async Task The_far_side_may_ask_for_a_longer_pause_within_bounds_and_an_operator_ends_it()
    {
        using var breaker = new Breaker(Rule with { Failures = 1 }, _clock);
        breaker.Failed(await breaker.EnterAsync(Cancel), "503", TimeSpan.FromSeconds(25));
        Assert.Equal(_clock.GetUtcNow().AddSeconds(25), breaker.Report().NextProbe);
        breaker.Reset();
        breaker.Failed(await breaker.EnterAsync(Cancel), "503", TimeSpan.FromDays(3));
        Assert.Equal(_clock.GetUtcNow().AddSeconds(35), breaker.Report().NextProbe);
        var waiting = breaker.EnterAsync(Cancel).AsTask();
        breaker.Reset();
        Assert.False((await waiting).IsProbe);
    }

    private async Task<Breaker> OpenedAsync()
    {
        var breaker = new Breaker(Rule, _clock);
        for (var i = 0; i < Rule.Failures; i++)
        {
            breaker.Failed(await breaker.EnterAsync(Cancel), "503", null);
        }

        return breaker;
    }

    /// <summary>Stands still until it is moved; timers run on the thread that moves it.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private readonly List<(DateTimeOffset Due, Action Run)> _timers = [];
        private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add((_now + dueTime, () => callback(state)));
            return new Ignored();
        }

        public void Advance(TimeSpan by)
        {
            _now += by;
            foreach (var timer in _timers.Where(t => t.Due <= _now).ToArray())
            {
                _timers.Remove(timer);
                timer.Run();
            }
        }

        /// <summary>A timer that was stopped runs all the same: the breaker must not be misled by one that is late.</summary>
        private sealed class Ignored : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose()
            {
                // See above.
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
