using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Core.Limits;

namespace Trunkline.Core.Tests.Limits;

public sealed class BudgetTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Fifty callers at once, each call of unknown size up to what it reserves: what is used never passes the thousand tokens.</summary>
    [Fact]
    public void A_thousand_tokens_are_never_overspent_by_fifty_parallel_callers()
    {
        Gen.Int[1, 90].Array[50].Sample(sizes =>
        {
            var budgets = new Budgets([new BudgetSettings { Tokens = 1_000, Per = TimeSpan.FromHours(1) }], _time);
            var used = 0L;
            Parallel.For(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 50 }, caller =>
            {
                for (var call = 0; call < 20; call++)
                {
                    if (Reserve(budgets, "", new Spend(1, sizes[caller], 0)).Reservation is not { } reservation)
                    {
                        continue;
                    }

                    var tokens = (sizes[caller] * (call + 1)) % (sizes[caller] + 1);
                    Interlocked.Add(ref used, tokens);
                    reservation.Settle(new Spend(1, tokens, 0));
                }
            });

            // Exact: the rest can be reserved to the last token, and not one more.
            var left = 1_000 - used;
            return left >= 0 && Reserve(budgets, "", new Spend(1, left + 1, 0)).Reservation is null
                && Reserve(budgets, "", new Spend(1, left, 0)).Reservation is not null;
        }, iter: 100);
    }

    [Fact]
    public void What_is_reserved_counts_until_it_is_settled_or_given_back()
    {
        var budgets = new Budgets([new BudgetSettings { Money = 1m, Per = TimeSpan.FromMinutes(1) }], _time);
        var first = Reserve(budgets, "", new Spend(1, 0, 0.7m)).Reservation!;
        Assert.Null(Reserve(budgets, "", new Spend(1, 0, 0.4m)).Reservation);

        first.Settle(new Spend(1, 0, 0.5m));
        first.Dispose();
        using var second = Reserve(budgets, "", new Spend(1, 0, 0.4m)).Reservation;
        Assert.NotNull(second);
        second.Dispose();
        Assert.NotNull(Reserve(budgets, "", new Spend(1, 0, 0.5m)).Reservation);
    }

    [Fact]
    public void A_window_ends_where_the_next_begins_and_tells_how_long_that_takes()
    {
        var budgets = new Budgets([new BudgetSettings { Calls = 1, Per = TimeSpan.FromHours(1) }], _time);
        _time.Advance(TimeSpan.FromMinutes(50));
        var late = Reserve(budgets, "", new Spend(1, 0, 0)).Reservation!;

        Assert.Equal(TimeSpan.FromMinutes(10), Reserve(budgets, "", new Spend(1, 0, 0)).Wait);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.NotNull(Reserve(budgets, "", new Spend(1, 0, 0)).Reservation);

        // Given back in a later window, it must not add to that one.
        late.Dispose();
        Assert.Null(Reserve(budgets, "", new Spend(1, 0, 0)).Reservation);
    }

    [Fact]
    public void A_clock_set_back_gives_no_window_twice()
    {
        var clock = new SetBackClock();
        var budgets = new Budgets([new BudgetSettings { Calls = 1, Per = TimeSpan.FromMinutes(1) }], clock);
        Assert.NotNull(Reserve(budgets, "", new Spend(1, 0, 0)).Reservation);
        clock.Now -= TimeSpan.FromMinutes(5);

        Assert.Null(Reserve(budgets, "", new Spend(1, 0, 0)).Reservation);
    }

    [Fact]
    public void Every_tenant_has_its_own_and_all_of_them_share_the_common_one()
    {
        var budgets = new Budgets(
            [
                new BudgetSettings { Calls = 2, Per = TimeSpan.FromHours(1), EachTenant = true },
                new BudgetSettings { Calls = 3, Per = TimeSpan.FromHours(1) },
            ],
            _time);

        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => Reserve(budgets, "a", new Spend(1, 0, 0)).Reservation is not null));
        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(_ => Reserve(budgets, "b", new Spend(1, 0, 0)).Reservation is not null));
    }

    [Fact]
    public void Tenants_past_the_bound_share_one_budget()
    {
        var budgets = new Budgets([new BudgetSettings { Calls = 1, Per = TimeSpan.FromHours(1), EachTenant = true }], _time);
        var served = Enumerable.Range(0, Budgets.TenantsMax + 50).Count(i => Reserve(budgets, $"t{i}", new Spend(1, 0, 0)).Reservation is not null);

        Assert.Equal(Budgets.TenantsMax + 1, served);
    }

    [Fact]
    public void What_is_larger_than_the_whole_budget_never_fits()
    {
        var budgets = new Budgets([new BudgetSettings { Tokens = 10, Per = TimeSpan.FromHours(1) }], _time);

        Assert.Equal(new BudgetAnswer(null, null), Reserve(budgets, "", new Spend(1, 11, 0)));
    }

    [Fact]
    public async Task Who_waits_goes_on_when_something_is_given_back_or_the_window_ends()
    {
        var budgets = new Budgets([new BudgetSettings { Calls = 1, Per = TimeSpan.FromHours(1) }], _time);
        var reservation = Reserve(budgets, "", new Spend(1, 0, 0)).Reservation!;
        var waiting = budgets.WaitAsync(TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        reservation.Dispose();
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        waiting = budgets.WaitAsync(TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromHours(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private sealed class SetBackClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private static BudgetAnswer Reserve(Budgets budgets, string tenant, Spend most)
    {
        var answer = budgets.ReserveAsync(tenant, most, TestContext.Current.CancellationToken).AsTask();
        Assert.True(answer.IsCompleted, "Nothing is kept, so nothing is waited for.");
        return answer.GetAwaiter().GetResult();
    }
}
