namespace Trunkline.Core.Limits;

/// <summary>
/// Budgets that hold together: the most a call may use is reserved in all of them before it is made, and what it did use is settled
/// after. What is reserved and used in a window never passes the budget as long as no call uses more than was reserved for it.
/// Kept in memory: a node that restarts begins its windows anew. Thread-safe.
/// </summary>
public sealed class Budgets
{
    /// <summary>Tenants counted apart in one window; those past it share one budget.</summary>
    public const int TenantsMax = 10_000;

    private const string Others = "\0others";

    private readonly Lock _lock = new();
    private readonly Account[] _accounts;
    private readonly TimeProvider _time;
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="settings">The budgets; none for no bound.</param>
    /// <param name="time">The clock.</param>
    public Budgets(IReadOnlyList<BudgetSettings> settings, TimeProvider time) =>
        (_accounts, _time) = ([.. settings.Select(s => new Account(s))], time);

    /// <summary>Reserves in all budgets, or in none.</summary>
    /// <param name="tenant">Whose call it is; empty for none.</param>
    /// <param name="most">The most the call may use.</param>
    /// <returns>The reservation, or how long it takes until there may be room.</returns>
    public BudgetAnswer TryReserve(string tenant, Spend most)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow().UtcTicks;
            var wait = TimeSpan.Zero;
            foreach (var account in _accounts)
            {
                if (!account.Settings.Fits(most))
                {
                    return new BudgetAnswer(null, null);
                }

                account.Turn(now);
                if (!account.Settings.Fits(account.Used(tenant) + most))
                {
                    var left = TimeSpan.FromTicks(account.Settings.Per.Ticks - (now % account.Settings.Per.Ticks));
                    wait = left > wait ? left : wait;
                }
            }

            if (wait > TimeSpan.Zero)
            {
                return new BudgetAnswer(null, wait);
            }

            var entries = new (Account, string, long)[_accounts.Length];
            for (var i = 0; i < entries.Length; i++)
            {
                var name = _accounts[i].NameOf(tenant);
                _accounts[i].Add(name, most);
                entries[i] = (_accounts[i], name, _accounts[i].Window);
            }

            return new BudgetAnswer(new Reservation(this, entries, most), null);
        }
    }

    /// <summary>Completes when a try may succeed that was told to wait: after the wait, or when a call has used less than was reserved.</summary>
    public async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        Task room;
        lock (_lock)
        {
            room = _room.Task;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(room, Task.Delay(wait, _time, either.Token)).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    internal void Settle((Account Account, string Tenant, long Window)[] entries, Spend back)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow().UtcTicks;
            foreach (var (account, tenant, window) in entries)
            {
                account.Turn(now);
                if (account.Window == window)
                {
                    account.Add(tenant, default(Spend) - back);
                }
            }

            if (back.Calls > 0 || back.Tokens > 0 || back.Money > 0)
            {
                _room.SetResult();
                _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>One budget's current window. Guarded by the lock of its <see cref="Budgets"/>.</summary>
    internal sealed class Account(BudgetSettings settings)
    {
        private readonly Dictionary<string, Spend> _used = new(StringComparer.Ordinal);

        public BudgetSettings Settings => settings;

        public long Window { get; private set; } = -1;

        public void Turn(long nowTicks)
        {
            var window = nowTicks / settings.Per.Ticks;

            // A clock set back must not give a used window again.
            if (window > Window)
            {
                Window = window;
                _used.Clear();
            }
        }

        public string NameOf(string tenant) =>
            !settings.EachTenant ? "" : _used.ContainsKey(tenant) || _used.Count < TenantsMax ? tenant : Others;

        public Spend Used(string tenant) => _used.GetValueOrDefault(NameOf(tenant));

        public void Add(string name, Spend spend) => _used[name] = _used.GetValueOrDefault(name) + spend;
    }
}

/// <summary>The answer to who asks for a reservation.</summary>
/// <param name="Reservation">The reservation; null if there is no room.</param>
/// <param name="Wait">When there may be room; null, without a reservation, if the call is larger than a whole budget.</param>
public readonly record struct BudgetAnswer(Reservation? Reservation, TimeSpan? Wait);

/// <summary>What is set aside for one call. Settled once; disposing one that is not gives all of it back. Thread-safe.</summary>
public sealed class Reservation : IDisposable
{
    private readonly (Budgets.Account, string, long)[] _entries;
    private readonly Spend _most;
    private Budgets? _budgets;

    internal Reservation(Budgets budgets, (Budgets.Account, string, long)[] entries, Spend most) =>
        (_budgets, _entries, _most) = (budgets, entries, most);

    /// <summary>The call has used so much; the rest is given back.</summary>
    public void Settle(Spend used) => Interlocked.Exchange(ref _budgets, null)?.Settle(_entries, _most - used);

    /// <inheritdoc/>
    public void Dispose() => Settle(default);
}
