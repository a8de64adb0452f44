using Microsoft.Extensions.Time.Testing;
using Trunkline.Core.Limits;

namespace Trunkline.Core.Tests.Limits;

public sealed class BreakerTests
{
    private static readonly BreakerRule Rule = new(3, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(35));
    private static readonly WorkShare Anyone = new("", WorkShare.PriorityDefault);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_opens_after_failures_in_a_row_only()
    {
        var told = new List<bool>();
        using var limiter = new CallLimiter(new ConcurrencySettings(), Rule, _time, told.Add);
        foreach (var failed in new[] { true, true, false, true, true })
        {
            Assert.False((await EnterAsync(limiter)).Complete(failed ? CallResult.Failed : CallResult.Answered, null, "503"));
        }

        Assert.Equal(BreakerState.Closed, limiter.Report()!.State);
        Assert.True((await EnterAsync(limiter)).Complete(CallResult.Failed, null, "503"));
        Assert.Equal(new BreakerReport(BreakerState.Open, 3, _time.GetUtcNow(), _time.GetUtcNow().AddSeconds(10), 0, "503"), limiter.Report());
        Assert.Equal([true], told);
    }

    [Fact]
    public async Task While_it_pauses_calls_wait_and_one_after_the_other_is_the_probe_with_longer_pauses()
    {
        var told = new List<bool>();
        using var limiter = await OpenedAsync(told.Add);
        var waiting = Enumerable.Range(0, 3).Select(_ => EnterAsync(limiter)).ToArray();
        Assert.Equal(3, limiter.Report()!.Waiting);
        foreach (var (probe, pause) in new[] { (0, 10), (1, 20) })
        {
            _time.Advance(TimeSpan.FromSeconds(pause - 1));
            Assert.Equal(BreakerState.Open, limiter.Report()!.State);
            Assert.DoesNotContain(waiting.Skip(probe), w => w.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal(BreakerState.Probing, limiter.Report()!.State);
            Assert.True((await waiting[probe]).Complete(CallResult.Failed, null, "503"));
        }

        // Doubled, but never more than the longest.
        Assert.Equal(_time.GetUtcNow().AddSeconds(35), limiter.Report()!.NextProbe);
        _time.Advance(TimeSpan.FromSeconds(36));
        var late = EnterAsync(limiter);
        Assert.False(late.IsCompleted);
        Assert.False((await waiting[2]).Complete(CallResult.Answered));
        (await late).Dispose();
        Assert.Equal(new BreakerReport(BreakerState.Closed, 0, null, null, 0, null), limiter.Report());
        Assert.Equal([true, false], told);
    }

    [Fact]
    public async Task A_probe_that_leaves_hands_over_and_one_that_comes_late_is_taken_at_once()
    {
        using var limiter = await OpenedAsync();
        using var impatient = new CancellationTokenSource();
        var first = limiter.EnterAsync(Anyone, int.MaxValue, impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(0, limiter.Report()!.Waiting);
        _time.Advance(TimeSpan.FromSeconds(11));
        var probe = await EnterAsync(limiter);
        var next = EnterAsync(limiter);
        Assert.False(next.IsCompleted);
        probe.Dispose();
        Assert.False((await next).Complete(CallResult.Answered));
    }

    [Fact]
    public async Task A_call_from_before_is_not_held_against_its_message_and_keeps_no_probe_back()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings(), Rule, _time);
        var calls = new List<Permit>();
        for (var i = 0; i < 6; i++)
        {
            calls.Add(await EnterAsync(limiter));
        }

        Assert.Equal([false, false, true, true], calls.Take(4).Select(p => p.Complete(CallResult.Failed, null, "503")));
        Assert.Equal(_time.GetUtcNow().AddSeconds(10), limiter.Report()!.NextProbe);

        // An answer to what was asked before tells nothing of what is now.
        calls[4].Complete(CallResult.Answered);
        Assert.Equal(BreakerState.Open, limiter.Report()!.State);

        // The sixth still hangs; the probe goes all the same, and only one does.
        _time.Advance(TimeSpan.FromSeconds(11));
        var probe = await EnterAsync(limiter);
        calls[5].Complete(CallResult.Failed);
        var next = EnterAsync(limiter);
        Assert.False(next.IsCompleted);
        probe.Complete(CallResult.Answered);
        (await next).Dispose();
    }

    [Fact]
    public async Task The_far_side_may_ask_for_a_longer_pause_within_bounds_and_an_operator_ends_it()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings(), Rule with { Failures = 1 }, _time);
        (await EnterAsync(limiter)).Complete(CallResult.Failed, TimeSpan.FromSeconds(25), "503");
        Assert.Equal(_time.GetUtcNow().AddSeconds(25), limiter.Report()!.NextProbe);
        limiter.Reset();
        (await EnterAsync(limiter)).Complete(CallResult.Failed, TimeSpan.FromDays(3), "503");
        Assert.Equal(_time.GetUtcNow().AddSeconds(35), limiter.Report()!.NextProbe);
        var waiting = EnterAsync(limiter);
        limiter.Reset();
        (await waiting).Dispose();
        Assert.Equal(BreakerState.Closed, limiter.Report()!.State);
    }

    [Fact]
    public async Task One_that_is_withdrawn_while_it_is_open_is_told_as_closed_and_does_not_open_again()
    {
        var told = new List<bool>();
        var limiter = await OpenedAsync(told.Add);
        var waiting = limiter.EnterAsync(Anyone, int.MaxValue, Cancel).AsTask();
        limiter.Dispose();
        Assert.Equal(AdmissionRefusal.Closed, (await waiting).Refusal);
        Assert.Equal([true, false], told);
    }

    [Fact]
    public async Task Without_a_rule_nothing_pauses()
    {
        using var limiter = new CallLimiter(new ConcurrencySettings(), null, _time);
        for (var i = 0; i < 50; i++)
        {
            Assert.False((await EnterAsync(limiter)).Complete(CallResult.Failed, TimeSpan.FromHours(1)));
        }

        Assert.Null(limiter.Report());
    }

    private async Task<CallLimiter> OpenedAsync(Action<bool>? told = null)
    {
        var limiter = new CallLimiter(new ConcurrencySettings(), Rule, _time, told);
        for (var i = 0; i < Rule.Failures; i++)
        {
            (await EnterAsync(limiter)).Complete(CallResult.Failed, null, "503");
        }

        return limiter;
    }

    private static async Task<Permit> EnterAsync(CallLimiter limiter) => (await limiter.EnterAsync(Anyone, int.MaxValue, Cancel)).Permit!;
}
