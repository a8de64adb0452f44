namespace Trunkline.Core.Limits;

/// <summary>
/// Budgets that hold together: the most a call may use is reserved in all of them before it is made, and what it did use is settled
/// after. What is reserved and used in a window never passes the budget as long as no call uses more than was reserved for it, over
/// restarts too if the book is kept. Thread-safe.
/// </summary>
public sealed class Budgets
{
    /// <summary>Tenants counted apart in one window; those past it share one budget.</summary>
    public const int TenantsMax = 10_000;

    private readonly BudgetBook _book;
    private readonly (BudgetSettings Settings, BudgetAccount Account)[] _accounts;
    private readonly TimeProvider _time;

    /// <summary>Budgets that begin anew with the process.</summary>
    /// <param name="settings">The budgets; none for no bound.</param>
    /// <param name="time">The clock.</param>
    public Budgets(IReadOnlyList<BudgetSettings> settings, TimeProvider time)
        : this("", settings, new BudgetBook(), time)
    {
    }

    /// <param name="owner">Whose they are, by a name that lasts: those of one owner that are written alike are one, also when their amounts change.</param>
    /// <param name="settings">The budgets; none for no bound.</param>
    /// <param name="book">Where what they have used stands.</param>
    /// <param name="time">The clock.</param>
    public Budgets(string owner, IReadOnlyList<BudgetSettings> settings, BudgetBook book, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(book);
        (_book, _time) = (book, time);
        lock (book.Gate)
        {
            var names = settings.Select(s => BudgetKey.Of(owner, s)).ToArray();
            _accounts = [.. settings.Select((s, i) => (s, book.Open(names[i].Numbered(names.Take(i).Count(n => n == names[i])), s.Per)))];
        }
    }

    /// <summary>Reserves in all budgets, or in none. Completes at once unless something must be made durable first.</summary>
    /// <param name="tenant">Whose call it is; empty for none.</param>
    /// <param name="most">The most the call may use.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is reserved then.</param>
    /// <returns>The reservation, or how long it takes until there may be room.</returns>
    public ValueTask<BudgetAnswer> ReserveAsync(string tenant, Spend most, CancellationToken cancellationToken)
    {
        Reservation reservation;
        List<Task>? kept = null;
        lock (_book.Gate)
        {
            if (NoRoom(tenant, most) is { } answer)
            {
                return new ValueTask<BudgetAnswer>(answer);
            }

            var entries = new (BudgetAccount, string, long)[_accounts.Length];
            for (var i = 0; i < entries.Length; i++)
            {
                var (settings, account) = _accounts[i];
                var name = account.NameOf(tenant, settings.EachTenant);
                account.Add(name, most);
                entries[i] = (account, name, account.Window);
                if (_book.Keep(account, name, settings) is { } writing)
                {
                    (kept ??= []).Add(writing);
                }
            }

            reservation = new Reservation(this, entries, most);
        }

        return kept is null ? new ValueTask<BudgetAnswer>(new BudgetAnswer(reservation, null)) : KeptAsync(reservation, kept, cancellationToken);
    }

    /// <summary>Completes when a try may succeed that was told to wait: after the wait, or when a call has used less than was reserved.</summary>
    public async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        Task[] rooms;
        lock (_book.Gate)
        {
            rooms = [.. _accounts.Select(a => a.Account.Room)];
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny([.. rooms, Task.Delay(wait, _time, either.Token)]).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    internal void Settle((BudgetAccount Account, string Name, long Window)[] entries, Spend back)
    {
        lock (_book.Gate)
        {
            var now = _time.GetUtcNow().UtcTicks;
            foreach (var (account, name, window) in entries)
            {
                account.Turn(now);
                if (account.Window == window)
                {
                    account.Add(name, default(Spend) - back);
                }

                if (back.Calls > 0 || back.Tokens > 0 || back.Money > 0)
                {
                    account.TellRoom();
                }
            }
        }
    }

    private static async ValueTask<BudgetAnswer> KeptAsync(Reservation reservation, List<Task> kept, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(kept).WaitAsync(cancellationToken).ConfigureAwait(false);
            return new BudgetAnswer(reservation, null);
        }
        catch
        {
            reservation.Dispose();
            throw;
        }
    }

    private BudgetAnswer? NoRoom(string tenant, Spend most)
    {
        var now = _time.GetUtcNow().UtcTicks;
        var wait = TimeSpan.Zero;
        foreach (var (settings, account) in _accounts)
        {
            if (!settings.Fits(most))
            {
                return new BudgetAnswer(null, null);
            }

            account.Turn(now);
            if (!settings.Fits(account.Used(account.NameOf(tenant, settings.EachTenant)) + most))
            {
                var left = TimeSpan.FromTicks(settings.Per.Ticks - (now % settings.Per.Ticks));
                wait = left > wait ? left : wait;
            }
        }

        return wait > TimeSpan.Zero ? new BudgetAnswer(null, wait) : null;
    }
}

/// <summary>The answer to who asks for a reservation.</summary>
/// <param name="Reservation">The reservation; null if there is no room.</param>
/// <param name="Wait">When there may be room; null, without a reservation, if the call is larger than a whole budget.</param>
public readonly record struct BudgetAnswer(Reservation? Reservation, TimeSpan? Wait);

/// <summary>What is set aside for one call. Settled once; disposing one that is not gives all of it back. Thread-safe.</summary>
public sealed class Reservation : IDisposable
{
    private readonly (BudgetAccount, string, long)[] _entries;
    private readonly Spend _most;
    private Budgets? _budgets;

    internal Reservation(Budgets budgets, (BudgetAccount, string, long)[] entries, Spend most) =>
        (_budgets, _entries, _most) = (budgets, entries, most);

    /// <summary>The call has used so much; the rest is given back.</summary>
    public void Settle(Spend used) => Interlocked.Exchange(ref _budgets, null)?.Settle(_entries, _most - used);

    /// <inheritdoc/>
    public void Dispose() => Settle(default);
}
