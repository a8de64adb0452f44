namespace Trunkline.Core.Limits;

/// <summary>
/// What all budgets of a node have used, kept over restarts by whoever writes its entries. Models of one name share their accounts, whatever revision they
/// are of. Thread-safe.
/// </summary>
/// <remarks>
/// Not every call is written: an entry says how far an account may be used before the next entry is needed, a sixteenth of the budget ahead. What an entry
/// grants counts as used after a crash, so that a budget is never passed and at most the part granted and not used is lost; a clean end writes what was used.
/// </remarks>
public sealed class BudgetBook
{
    private const int GrantsPerBudget = 16;
    private const int RemovedPerWrite = 1000;

    private readonly Dictionary<string, BudgetAccount> _accounts = new(StringComparer.Ordinal);
    private readonly ILookup<string, BudgetEntry> _kept;
    private readonly Func<IReadOnlyList<BudgetEntry>, ValueTask>? _write;
    private readonly HashSet<(BudgetAccount Account, string Name)> _pending = [];
    private readonly Queue<(string Account, string Name)> _stale = new();
    private TaskCompletionSource _next = NewSignal();
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;

    /// <summary>A book that is not kept.</summary>
    public BudgetBook()
        : this([], null)
    {
    }

    /// <param name="kept">What was written before.</param>
    /// <param name="write">Makes entries durable, one call at a time; an entry replaces the one before of its account and name. Null: nothing is kept.</param>
    public BudgetBook(IEnumerable<BudgetEntry> kept, Func<IReadOnlyList<BudgetEntry>, ValueTask>? write) =>
        (_kept, _write) = (kept.ToLookup(entry => entry.Account, StringComparer.Ordinal), write);

    /// <summary>The length of an account's windows, by its name; null if no account is named so.</summary>
    public static TimeSpan? PerOf(string account) => BudgetKey.PerOf(account);

    /// <summary>Guards all accounts.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Writes what was used, in place of what was granted; nothing may be reserved any more.</summary>
    public async Task CloseAsync()
    {
        await _writing.ConfigureAwait(false);
        if (_write is null)
        {
            return;
        }

        BudgetEntry[] entries;
        lock (Gate)
        {
            entries = [.. _accounts.Values.SelectMany(account => account.Lines.Where(line => line.Value.Kept != line.Value.Used).Select(line =>
                new BudgetEntry(account.Key, line.Key, account.Window, line.Value.Used)))];
        }

        if (entries.Length > 0)
        {
            await _write(entries).ConfigureAwait(false);
        }
    }

    /// <summary>The account of a name; made if it is not there. Under <see cref="Gate"/>.</summary>
    internal BudgetAccount Open(string key, TimeSpan per)
    {
        if (!_accounts.TryGetValue(key, out var account))
        {
            account = new BudgetAccount(key, per, _kept[key], stale => _stale.Enqueue((key, stale)));
            _accounts.Add(key, account);
        }

        return account;
    }

    /// <summary>Makes sure that what a line has used is covered by a durable entry; null if it is. Under <see cref="Gate"/>.</summary>
    internal Task? Keep(BudgetAccount account, string name, BudgetSettings settings)
    {
        var line = account.Lines[name];
        if (_write is null || settings.Covers(line.Kept, line.Used))
        {
            return null;
        }

        // Never less than before: what is granted may be reserved while the entry is on its way.
        line.Wanted = Spend.Most(line.Kept, settings.Grant(line.Used, GrantsPerBudget));
        _pending.Add((account, name));
        var written = _next.Task;
        if (!_isWriting)
        {
            _isWriting = true;
            _writing = WriteAllAsync(_write);
        }

        return written;
    }

    private async Task WriteAllAsync(Func<IReadOnlyList<BudgetEntry>, ValueTask> write)
    {
        // Off the lock of whoever asked for it.
        await Task.Yield();
        while (Take() is { } batch)
        {
            try
            {
                await write(batch.Entries).ConfigureAwait(false);
                lock (Gate)
                {
                    batch.Granted.ForEach(granted => granted.Line.Kept = granted.To);
                }

                batch.Written.SetResult();
            }
            catch (Exception failure)
            {
                // Told to every call that waits for it; the next call tries again.
                batch.Written.SetException(failure);
                _ = batch.Written.Task.Exception;
            }
        }
    }

    private Batch? Take()
    {
        lock (Gate)
        {
            if (_pending.Count == 0)
            {
                _isWriting = false;
                return null;
            }

            var batch = new Batch([], [], _next);
            foreach (var (account, name) in _pending)
            {
                // Gone, if its window ended meanwhile: then nobody needs it any more, and who waits was counted in it.
                if (account.Lines.TryGetValue(name, out var line))
                {
                    batch.Entries.Add(new BudgetEntry(account.Key, name, account.Window, line.Wanted));
                    batch.Granted.Add((line, line.Wanted));
                }
            }

            for (var i = 0; i < RemovedPerWrite + batch.Granted.Count && _stale.TryDequeue(out var stale); i++)
            {
                if (!_accounts[stale.Account].Lines.ContainsKey(stale.Name))
                {
                    batch.Entries.Add(new BudgetEntry(stale.Account, stale.Name, 0, null));
                }
            }

            _pending.Clear();
            _next = NewSignal();
            return batch;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Batch(List<BudgetEntry> Entries, List<(BudgetLine Line, Spend To)> Granted, TaskCompletionSource Written);
}

/// <summary>What is kept of an account.</summary>
/// <param name="Account">The account.</param>
/// <param name="Name">Whose part of it; empty for the one that all share. Not a tenant's name itself.</param>
/// <param name="Window">Number of the window.</param>
/// <param name="Granted">So far it may be used in that window, and counts as used after a crash; null: the entry is to be removed.</param>
public readonly record struct BudgetEntry(string Account, string Name, long Window, Spend? Granted);
