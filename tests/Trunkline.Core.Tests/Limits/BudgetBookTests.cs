using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Core.Limits;

namespace Trunkline.Core.Tests.Limits;

public sealed class BudgetBookTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, string), BudgetEntry> _disk = [];
    private int _writes;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Lives that end at any moment, with calls under way: what was used over all of them never passes the budget.</summary>
    [Fact]
    public void A_budget_is_never_passed_whenever_the_process_dies()
    {
        Gen.Select(Gen.Int[1, 90], Gen.Int[0, 90], Gen.Int[0, 30]).Array[1, 60].Sample(calls =>
        {
            _disk.Clear();
            var (used, budgets, running) = (0L, Open(1000).Budgets, new List<(Reservation Reservation, int Tokens)>());
            foreach (var (most, tokens, fate) in calls)
            {
                if (fate == 0)
                {
                    // Killed: nothing is settled, what ran may have used all it used.
                    (budgets, running) = (Open(1000).Budgets, []);
                }
                else if (fate < 10 && running.Count > 0)
                {
                    running[0].Reservation.Settle(new Spend(1, running[0].Tokens, 0));
                    running.RemoveAt(0);
                }
                else if (Wait(budgets.ReserveAsync("", new Spend(1, most, 0), Cancel)).Reservation is { } reservation)
                {
                    running.Add((reservation, Math.Min(tokens, most)));
                    used += Math.Min(tokens, most);
                }
            }

            return used <= 1000;
        }, iter: 300, threads: 1);
    }

    [Fact]
    public async Task Fifty_callers_at_once_and_a_death_in_between_do_not_pass_it()
    {
        var used = 0L;
        for (var life = 0; life < 5; life++)
        {
            var budgets = Open(1000).Budgets;
            await Task.WhenAll(Enumerable.Range(0, 50).Select(caller => Task.Run(async () =>
            {
                for (var call = 0; call < 5 && (await budgets.ReserveAsync("", new Spend(1, 10, 0), Cancel)).Reservation is { } reservation; call++)
                {
                    Interlocked.Add(ref used, 7);
                    if ((caller + call) % 3 != 0)
                    {
                        reservation.Settle(new Spend(1, 7, 0));
                    }
                }
            })));
        }

        Assert.InRange(used, 500, 1000);
    }

    [Fact]
    public async Task A_clean_end_gives_back_what_was_granted_and_not_used()
    {
        var (book, budgets) = Open(1000);
        Wait(budgets.ReserveAsync("", new Spend(1, 500, 0), Cancel)).Reservation!.Settle(new Spend(1, 120, 0));
        await book.CloseAsync();
        Assert.NotNull(Wait(Open(1000).Budgets.ReserveAsync("", new Spend(1, 880, 0), Cancel)).Reservation);
        Assert.Null(Wait(Open(1000).Budgets.ReserveAsync("", new Spend(1, 1, 0), Cancel)).Reservation);
    }

    [Fact]
    public void A_death_costs_a_sixteenth_at_most_and_writes_are_few()
    {
        var budgets = Open(1600).Budgets;
        for (var call = 0; call < 100; call++)
        {
            Wait(budgets.ReserveAsync("", new Spend(1, 10, 0), Cancel)).Reservation!.Settle(new Spend(1, 8, 0));
        }

        Assert.InRange(_writes, 8, 17);
        Assert.NotNull(Wait(Open(1600).Budgets.ReserveAsync("", new Spend(1, 1600 - 800 - 100 - 10, 0), Cancel)).Reservation);
    }

    [Fact]
    public void A_changed_amount_and_a_second_revision_go_on_with_what_is_used()
    {
        var (book, budgets) = Open(1000);
        Assert.NotNull(Wait(budgets.ReserveAsync("", new Spend(1, 900, 0), Cancel)).Reservation);
        var larger = new Budgets("reply", [Tokens(1500)], book, _time);
        Assert.Null(Wait(larger.ReserveAsync("", new Spend(1, 601, 0), Cancel)).Reservation);
        Assert.NotNull(Wait(larger.ReserveAsync("", new Spend(1, 600, 0), Cancel)).Reservation);
        Assert.Null(Wait(budgets.ReserveAsync("", new Spend(1, 1, 0), Cancel)).Reservation);
        Assert.NotNull(Wait(new Budgets("other", [Tokens(1000)], book, _time).ReserveAsync("", new Spend(1, 1000, 0), Cancel)).Reservation);
    }

    [Fact]
    public async Task What_cannot_be_made_durable_is_not_reserved()
    {
        var fails = true;
        var book = new BudgetBook([], _ => Volatile.Read(ref fails) ? throw new IOException("full") : ValueTask.CompletedTask);
        var budgets = new Budgets("reply", [Tokens(10)], book, _time);
        await Assert.ThrowsAsync<IOException>(async () => await budgets.ReserveAsync("", new Spend(1, 10, 0), Cancel));
        Volatile.Write(ref fails, false);
        Assert.NotNull((await budgets.ReserveAsync("", new Spend(1, 10, 0), Cancel)).Reservation);
    }

    [Fact]
    public void Tenants_have_their_own_over_restarts_and_no_name_is_written()
    {
        var each = Tokens(10) with { EachTenant = true };
        var first = new Budgets("reply", [each], Book(), _time);
        Assert.NotNull(Wait(first.ReserveAsync("acme", new Spend(1, 10, 0), Cancel)).Reservation);
        var second = new Budgets("reply", [each], Book(), _time);
        Assert.Null(Wait(second.ReserveAsync("acme", new Spend(1, 1, 0), Cancel)).Reservation);
        Assert.NotNull(Wait(second.ReserveAsync("other", new Spend(1, 1, 0), Cancel)).Reservation);
        Assert.DoesNotContain(_disk.Keys, key => key.ToString().Contains("acme", StringComparison.Ordinal));
    }

    [Fact]
    public void Entries_of_ended_windows_are_removed_and_a_new_window_is_whole()
    {
        var budgets = new Budgets("reply", [Tokens(10) with { EachTenant = true }], Book(), _time);
        for (var tenant = 0; tenant < 20; tenant++)
        {
            Wait(budgets.ReserveAsync($"t{tenant}", new Spend(1, 10, 0), Cancel));
        }

        Assert.Equal(20, _disk.Count);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.NotNull(Wait(budgets.ReserveAsync("t0", new Spend(1, 10, 0), Cancel)).Reservation);
        Assert.Single(_disk);
        Assert.Equal(TimeSpan.FromHours(1), BudgetBook.PerOf(_disk.Keys.Single().Item1));
    }

    private static BudgetSettings Tokens(long tokens) => new() { Tokens = tokens, Per = TimeSpan.FromHours(1) };

    private (BudgetBook Book, Budgets Budgets) Open(long tokens)
    {
        var book = Book();
        return (book, new Budgets("reply", [Tokens(tokens)], book, _time));
    }

    /// <summary>A book over what is on the disk now; what the one before still writes is lost, as by a kill.</summary>
    private BudgetBook Book()
    {
        BudgetEntry[] kept;
        lock (_lock)
        {
            kept = [.. _disk.Values];
        }

        return new BudgetBook(kept, entries =>
        {
            lock (_lock)
            {
                _writes++;
                foreach (var entry in entries)
                {
                    if (entry.Granted is null)
                    {
                        _disk.Remove((entry.Account, entry.Name));
                    }
                    else
                    {
                        _disk[(entry.Account, entry.Name)] = entry;
                    }
                }
            }

            return ValueTask.CompletedTask;
        });
    }

    private static BudgetAnswer Wait(ValueTask<BudgetAnswer> answer) => answer.AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel).GetAwaiter().GetResult();
}
