using Trunkline.Brokers.Embedded;
using Trunkline.Core.Limits;
using Trunkline.Server.Inference;

namespace Trunkline.Bench.Models;

/// <summary>
/// A budget of a thousand tokens against fifty callers at once, kept in the broker's state, through five lives of which each ends with calls under way. Every call reserves
/// ten tokens and uses seven; of those that never settle it counts that they used theirs.
/// </summary>
internal static class BudgetBench
{
    public const int Tokens = 1000;
    public const int Callers = 50;
    private const int Lives = 5;
    private const int Reserved = 10;
    private const int Used = 7;

    /// <summary>Tokens used over all lives.</summary>
    public static async Task<long> RunAsync(string folder)
    {
        var used = 0L;
        for (var life = 0; life < Lives; life++)
        {
            await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder }, CancellationToken.None);

            // Never closed: what is on the disk is what a kill leaves.
            var book = await BudgetLedger.OpenAsync(broker, TimeProvider.System, CancellationToken.None);
            var budgets = new Budgets("reply", [new BudgetSettings { Tokens = Tokens, Per = TimeSpan.FromDays(36_500) }], book, TimeProvider.System);
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
            {
                for (var call = 0; call < 4; call++)
                {
                    if ((await budgets.ReserveAsync("", new Spend(1, Reserved, 0), CancellationToken.None)).Reservation is { } reservation)
                    {
                        Interlocked.Add(ref used, Used);
                        if ((caller + call) % 3 != 0)
                        {
                            reservation.Settle(new Spend(1, Used, 0));
                        }
                    }
                }
            })));
        }

        return used;
    }
}
