using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Core.Limits;

/// <summary>What one budget's current window has used, by tenant or for all. Guarded by the lock of its <see cref="BudgetBook"/>.</summary>
internal sealed class BudgetAccount
{
    private const string Others = "others";
    private const int HashChars = 32;

    private readonly TimeSpan _per;
    private readonly Action<string> _stale;
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="key">Its name in the book.</param>
    /// <param name="per">Length of a window.</param>
    /// <param name="kept">What was kept of it.</param>
    /// <param name="stale">Told the names of a window that has ended.</param>
    public BudgetAccount(string key, TimeSpan per, IEnumerable<BudgetEntry> kept, Action<string> stale)
    {
        (Key, _per, _stale) = (key, per, stale);
        foreach (var entry in kept.Where(e => e.Granted is not null).OrderBy(e => e.Window))
        {
            TurnTo(entry.Window);
            Lines[entry.Name] = new BudgetLine { Used = entry.Granted!.Value, Kept = entry.Granted.Value };
        }
    }

    public string Key { get; }

    public long Window { get; private set; } = -1;

    public Dictionary<string, BudgetLine> Lines { get; } = new(StringComparer.Ordinal);

    /// <summary>Completes when a call has used less than was reserved.</summary>
    public Task Room => _room.Task;

    // A clock set back must not give a used window again.
    public void Turn(long nowTicks) => TurnTo(nowTicks / _per.Ticks);

    /// <summary>Whose part a call is: on disk stands no tenant's name, so that there is nothing to erase.</summary>
    public string NameOf(string tenant, bool each)
    {
        if (!each)
        {
            return "";
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant)))[..HashChars];
        return Lines.ContainsKey(name) || Lines.Count < Budgets.TenantsMax ? name : Others;
    }

    public Spend Used(string name) => Lines.GetValueOrDefault(name)?.Used ?? default;

    public void Add(string name, Spend spend)
    {
        if (!Lines.TryGetValue(name, out var line))
        {
            Lines.Add(name, line = new BudgetLine());
        }

        line.Used += spend;
    }

    public void TellRoom()
    {
        _room.SetResult();
        _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void TurnTo(long window)
    {
        if (window > Window)
        {
            Window = window;
            foreach (var name in Lines.Keys)
            {
                _stale(name);
            }

            Lines.Clear();
        }
    }
}

/// <summary>One name's part of an account.</summary>
internal sealed class BudgetLine
{
    /// <summary>Reserved and used.</summary>
    public Spend Used { get; set; }

    /// <summary>So far it may be used by what is durable.</summary>
    public Spend Kept { get; set; }

    /// <summary>So far it is to be granted by the next entry.</summary>
    public Spend Wanted { get; set; }
}
