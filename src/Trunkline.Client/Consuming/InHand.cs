using Trunkline.Client.Api;

namespace Trunkline.Client.Consuming;

/// <summary>What a consumer holds: lent by the node and not settled. Bounded by whoever fetches. Thread-safe.</summary>
internal sealed class InHand(int most) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HeldMessage> _held = [];
    private readonly SemaphoreSlim _changed = new(0, 1);
    private int _untouched;

    /// <summary>How many more may be fetched; 0 while it is not worth the request.</summary>
    public int Room
    {
        get
        {
            lock (_lock)
            {
                // In gulps of half of what may be held, unless handlers have nothing to do.
                var free = most - _held.Count;
                return free * 2 >= most || _untouched == 0 ? free : 0;
            }
        }
    }

    /// <summary>Waits until something was taken up or settled since the last wait.</summary>
    public Task ChangedAsync(CancellationToken cancellationToken) => _changed.WaitAsync(cancellationToken);

    public HeldMessage Add(LeasedMessage message)
    {
        lock (_lock)
        {
            var held = HeldMessage.Of(message);
            _held.Add(message.Lease, held);
            _untouched++;
            return held;
        }
    }

    /// <summary>A handler takes it up.</summary>
    public void Touch()
    {
        lock (_lock)
        {
            _untouched--;
            Signal();
        }
    }

    public void Remove(HeldMessage held)
    {
        lock (_lock)
        {
            if (_held.Remove(held.Message.Lease))
            {
                held.Dispose();
                Signal();
            }
        }
    }

    public string[] Leases()
    {
        lock (_lock)
        {
            return [.. _held.Keys];
        }
    }

    /// <summary>These leases have ended.</summary>
    public async Task LoseAsync(IReadOnlyList<string> leases)
    {
        foreach (var lease in leases)
        {
            await (Find(lease)?.LoseAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        foreach (var held in _held.Values)
        {
            held.Dispose();
        }

        _changed.Dispose();
    }

    private HeldMessage? Find(string lease)
    {
        lock (_lock)
        {
            return _held.GetValueOrDefault(lease);
        }
    }

    private void Signal()
    {
        if (_changed.CurrentCount == 0)
        {
            _changed.Release();
        }
    }
}
