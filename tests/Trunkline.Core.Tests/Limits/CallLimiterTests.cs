using Microsoft.Extensions.Time.Testing;
using Trunkline.Core.Limits;

namespace Trunkline.Core.Tests.Limits;

public sealed class CallLimiterTests
{
    private static readonly WorkShare Anyone = new("", WorkShare.PriorityDefault);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task No_more_run_at_once_than_may_and_all_come_to_their_turn()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings { Min = 4, Max = 4 }, BreakerRule.OfCalls, TimeProvider.System);
        var (running, most, served) = (0, 0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, 2_000), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, token) =>
        {
            using var permit = (await limiter.EnterAsync(Anyone, int.MaxValue, token)).Permit!;
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            Interlocked.Increment(ref served);
            permit.Complete(CallResult.Answered);
        });

        Assert.Equal(2_000, served);
        Assert.InRange(most, 1, 4);
        Assert.Equal((0, 0), (limiter.Status.Running, limiter.Status.Waiting));
    }

    [Fact]
    public async Task A_model_ten_times_slower_gets_fewer_calls_down_to_the_floor_and_more_again_once_it_is_well()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings { Min = 3, Max = 64, Start = 16 }, BreakerRule.OfCalls, _time);
        await Load(limiter, TimeSpan.FromMilliseconds(10), rounds: 40);
        var well = limiter.Status.Limit;
        Assert.InRange(well, 32, 64);

        await Load(limiter, TimeSpan.FromMilliseconds(100), rounds: 15);
        Assert.InRange(limiter.Status.Limit, 3, well / 4);

        await Load(limiter, TimeSpan.FromMilliseconds(10), rounds: 40);
        Assert.InRange(limiter.Status.Limit, well / 2, 64);
    }

    [Fact]
    public async Task Refusals_for_overload_lower_the_limit_never_below_the_floor()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings { Min = 3, Max = 64, Start = 16 }, BreakerRule.OfCalls, _time);
        for (var i = 0; i < 200; i++)
        {
            using var permit = await Enter(limiter);
            permit.Complete(i % 4 == 0 ? CallResult.Overloaded : CallResult.Answered);
        }

        Assert.Equal(3, limiter.Status.Limit);
    }

    [Fact]
    public async Task A_side_that_fails_is_left_alone_then_tried_by_one_call_and_served_again_when_that_is_answered()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings { Start = 16 }, BreakerRule.OfCalls, _time);
        for (var i = 0; i < 10; i++)
        {
            (await Enter(limiter)).Complete(CallResult.Failed);
        }

        Assert.Equal(TimeSpan.FromSeconds(1), limiter.Status.Rest);
        Assert.Equal(AdmissionRefusal.Full, (await limiter.EnterAsync(Anyone, 0, TestContext.Current.CancellationToken)).Refusal);
        var first = limiter.EnterAsync(Anyone, 10, TestContext.Current.CancellationToken).AsTask();
        var second = limiter.EnterAsync(Anyone, 10, TestContext.Current.CancellationToken).AsTask();
        Assert.False(first.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(2));
        var permit = (await Soon(first)).Permit!;
        Assert.False(second.IsCompleted);
        permit.Complete(CallResult.Failed);
        Assert.Equal(TimeSpan.FromSeconds(2), limiter.Status.Rest);

        _time.Advance(TimeSpan.FromSeconds(3));
        (await Soon(second)).Permit!.Complete(CallResult.Answered);
        Assert.Equal(TimeSpan.Zero, limiter.Status.Rest);
        Assert.NotNull((await limiter.EnterAsync(Anyone, 0, TestContext.Current.CancellationToken)).Permit);
        Assert.NotNull((await limiter.EnterAsync(Anyone, 0, TestContext.Current.CancellationToken)).Permit);
    }

    [Fact]
    public async Task Calls_that_ran_when_the_rest_began_make_it_no_longer_and_end_it_no_sooner()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings { Min = 40, Max = 40 }, BreakerRule.OfCalls, _time);
        var running = new List<Permit>();
        for (var i = 0; i < 40; i++)
        {
            running.Add(await Enter(limiter));
        }

        running.ForEach(p => p.Complete(running.IndexOf(p) == 39 ? CallResult.Answered : CallResult.Failed));

        Assert.Equal(TimeSpan.FromSeconds(1), limiter.Status.Rest);
        _time.Advance(TimeSpan.FromSeconds(2));
        using var trying = (await limiter.EnterAsync(Anyone, 0, TestContext.Current.CancellationToken)).Permit;
        Assert.NotNull(trying);
        Assert.Null((await limiter.EnterAsync(Anyone, 0, TestContext.Current.CancellationToken)).Permit);
    }

    [Fact]
    public async Task The_pause_the_other_side_asks_for_is_kept()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings(), BreakerRule.OfCalls, _time);
        (await Enter(limiter)).Complete(CallResult.Overloaded, TimeSpan.FromSeconds(20));
        var waiting = limiter.EnterAsync(Anyone, 10, TestContext.Current.CancellationToken).AsTask();
        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(waiting.IsCompleted);
        Assert.Equal(TimeSpan.FromSeconds(1), limiter.Status.Rest);

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull((await Soon(waiting)).Permit);
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_no_trace_and_gets_no_permit()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings { Max = 1 }, BreakerRule.OfCalls, _time);
        using var running = await Enter(limiter);
        using var gone = new CancellationTokenSource();
        var waiting = limiter.EnterAsync(Anyone, 10, gone.Token).AsTask();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, limiter.Status.Waiting);
        running.Complete(CallResult.Answered);
        Assert.Equal(0, limiter.Status.Running);
    }

    [Fact]
    public async Task Closing_tells_those_who_wait_and_lets_calls_that_run_finish()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings { Max = 1 }, BreakerRule.OfCalls, _time);
        using var running = await Enter(limiter);
        var waiting = limiter.EnterAsync(Anyone, 10, TestContext.Current.CancellationToken).AsTask();
        limiter.Close();

        Assert.Equal(AdmissionRefusal.Closed, (await Soon(waiting)).Refusal);
        Assert.Equal(AdmissionRefusal.Closed, (await limiter.EnterAsync(Anyone, 10, TestContext.Current.CancellationToken)).Refusal);
        running.Complete(CallResult.Answered);
        Assert.Equal(0, limiter.Status.Running);
    }

    private static async Task<Permit> Enter(CallLimiter limiter) =>
        (await limiter.EnterAsync(Anyone, int.MaxValue, TestContext.Current.CancellationToken)).Permit!;

    private static Task<Admission> Soon(Task<Admission> waiting) => waiting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    private async Task Load(CallLimiter limiter, TimeSpan each, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            var permits = new List<Permit>();
            while ((await limiter.EnterAsync(Anyone, 0, TestContext.Current.CancellationToken)).Permit is { } permit)
            {
                permits.Add(permit);
            }

            _time.Advance(each);
            permits.ForEach(p => p.Complete(CallResult.Answered));
        }
    }

    private static void InterlockedMax(ref int most, int now)
    {
        int seen;
        while (now > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, now, seen) != seen)
        {
        }
    }
}
