using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Core.Limits;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Inference;

namespace Trunkline.Server.Tests.Inference;

public sealed class BudgetLedgerTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_budget_has_used_is_known_to_the_node_that_follows()
    {
        await using var broker = new MemoryBroker(_time);
        var first = await OpenAsync(broker);
        (await first.Budgets.ReserveAsync("acme", new Spend(1, 70, 0.5m), Cancel)).Reservation!.Settle(new Spend(1, 60, 0.25m));
        await first.Book.CloseAsync();

        // A clean end: to the token, and to the last digit of money.
        var second = await OpenAsync(broker);
        Assert.Null((await second.Budgets.ReserveAsync("acme", new Spend(1, 41, 0), Cancel)).Reservation);
        Assert.Null((await second.Budgets.ReserveAsync("acme", new Spend(1, 0, 0.7500001m), Cancel)).Reservation);
        Assert.NotNull((await second.Budgets.ReserveAsync("acme", new Spend(1, 30, 0.75m), Cancel)).Reservation);

        // A death: what was reserved counts as used.
        var third = await OpenAsync(broker);
        Assert.Null((await third.Budgets.ReserveAsync("acme", new Spend(1, 11, 0), Cancel)).Reservation);
        Assert.NotNull((await third.Budgets.ReserveAsync("other", new Spend(1, 100, 1m), Cancel)).Reservation);
    }

    [Fact]
    public async Task Ended_windows_are_removed_at_the_start()
    {
        await using var broker = new MemoryBroker(_time);
        var first = await OpenAsync(broker);
        await first.Budgets.ReserveAsync("acme", new Spend(1, 100, 1m), Cancel);
        Assert.Equal(1, await EntriesAsync(broker));
        _time.Advance(TimeSpan.FromHours(1));
        var second = await OpenAsync(broker);
        Assert.Equal(0, await EntriesAsync(broker));
        Assert.NotNull((await second.Budgets.ReserveAsync("acme", new Spend(1, 100, 1m), Cancel)).Reservation);
    }

    [Fact]
    public async Task What_is_not_of_its_format_is_damage()
    {
        await using var broker = new MemoryBroker(_time);
        await broker.CommitAsync(new CommitUnit { State = [new StateWrite("trunkline.budgets", 0, "reply\0"u8.ToArray(), new byte[] { 9 })] }, Cancel);
        var damage = await Assert.ThrowsAsync<BrokerException>(() => BudgetLedger.OpenAsync(broker, _time, Cancel));
        Assert.Equal(BrokerErrorCode.StoreDamaged, damage.Code);
    }

    private static async Task<int> EntriesAsync(MemoryBroker broker)
    {
        var count = 0;
        await foreach (var _ in broker.ScanStateAsync("trunkline.budgets", 0, default, Cancel))
        {
            count++;
        }

        return count;
    }

    private async Task<(BudgetBook Book, Budgets Budgets)> OpenAsync(MemoryBroker broker)
    {
        var book = await BudgetLedger.OpenAsync(broker, _time, Cancel);
        return (book, new Budgets("reply", [new BudgetSettings { Tokens = 100, Money = 1m, Per = TimeSpan.FromHours(1), EachTenant = true }], book, _time));
    }
}
