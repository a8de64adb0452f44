using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.State;

/// <summary>
/// The states of the keys of one partition while it is ours: what was written and is not yet committed, a bounded cache of what is,
/// and the next timers. A new assignment is a new object, so that nothing uncommitted outlives the old. Thread-safe; each key
/// belongs to one lane at a time.
/// </summary>
/// <param name="broker">Keeps what is committed.</param>
/// <param name="store">The store, <c>flow.name</c>.</param>
/// <param name="partition">The partition the states follow.</param>
internal sealed class KeyStates(IBroker broker, string store, int partition)
{
    /// <summary>Uncommitted states, in bytes: at the bound a message that needs its state waits for a commit.</summary>
    public const int PendingBytesMax = 4 * 1024 * 1024;

    /// <summary>Committed states kept in memory, in bytes; the least recent half goes.</summary>
    public const int CacheBytesMax = 2 * 1024 * 1024;

    /// <summary>Timers kept in memory; later ones stay in the store.</summary>
    public const int TimersMax = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<MessageKey, KeyState> _pending = [];
    private readonly TimerLine _line = new(TimersMax);
    private readonly RecentStates _recent = new(CacheBytesMax / 2);
    private TaskCompletionSource? _room;
    private int _pendingBytes;

    /// <summary>Told when a timer comes first in line.</summary>
    public Action? FirstChanged { get; set; }

    /// <summary>Answers of models remembered beside them; null where none are.</summary>
    public MemoStore? Memo { get; init; }

    /// <summary>The store.</summary>
    public string Store => store;

    /// <summary>Running timers, as far as they are in memory; at <see cref="TimersMax"/> there may be more.</summary>
    public int TimerCount
    {
        get
        {
            lock (_lock)
            {
                return _line.Timers;
            }
        }
    }

    /// <summary>The timer due first; null if none is known.</summary>
    public DueTimer? First
    {
        get
        {
            lock (_lock)
            {
                return _line.First;
            }
        }
    }

    /// <summary>Whether something is due and not yet on its way.</summary>
    public bool IsDue(DateTimeOffset now) => First?.Due <= now;

    /// <summary>True if further timers must be read from the store.</summary>
    public bool MustLoad
    {
        get
        {
            lock (_lock)
            {
                return _line.IsUsedUp;
            }
        }
    }

    /// <summary>Reads the next timers from the store.</summary>
    public async Task LoadTimersAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _line.BeginLoad();

            // What is not committed yet is not in the store; what is committed meanwhile is in either.
            foreach (var (key, state) in _pending)
            {
                AddAll(state.Line(key));
            }
        }

        var read = 0;
        await foreach (var entry in broker.ScanStateAsync(store, partition, StateCodec.DuePrefix, cancellationToken).ConfigureAwait(false))
        {
            lock (_lock)
            {
                _line.Add(StateCodec.ReadDue(entry.Key.Span));
            }

            if (++read > TimersMax)
            {
                break;
            }
        }
    }

    /// <summary>What is remembered of a key; waits while too much is not committed.</summary>
    public ValueTask<KeyState> ReadAsync(MessageKey key, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_pendingBytes <= PendingBytesMax && Find(key) is { } known)
            {
                return new ValueTask<KeyState>(known);
            }
        }

        return LoadAsync(key, cancellationToken);
    }

    /// <summary>A message is through and what it wrote is on its way to the next unit: later messages of the key see it.</summary>
    public void Put(StateChange change)
    {
        DueTimer? first;
        lock (_lock)
        {
            first = _line.First;
            _pendingBytes += change.After.Bytes - (_pending.GetValueOrDefault(change.Key)?.Bytes ?? 0);
            _pending[change.Key] = change.After;
            _recent.Remove(change.Key);
            foreach (var due in change.Before.Line(change.Key))
            {
                _line.Remove(due);
            }

            AddAll(change.After.Line(change.Key));
            if (first == _line.First)
            {
                return;
            }
        }

        FirstChanged?.Invoke();
    }

    /// <summary>The unit with this change is durable.</summary>
    public void Settled(StateChange change)
    {
        TaskCompletionSource? room = null;
        lock (_lock)
        {
            // A later message may have written since: then that is what counts until it is committed too.
            if (_pending.TryGetValue(change.Key, out var state) && ReferenceEquals(state, change.After))
            {
                _pending.Remove(change.Key);
                _pendingBytes -= state.Bytes;
                _recent.Add(change.Key, state);
            }

            if (_pendingBytes <= PendingBytesMax)
            {
                (room, _room) = (_room, null);
            }
        }

        room?.TrySetResult();
    }

    /// <summary>Takes a timer out of the line: it is on its way to its lane.</summary>
    public void Take(DueTimer due)
    {
        lock (_lock)
        {
            _line.Remove(due);
        }
    }

    /// <summary>Puts a timer back: its key is held up.</summary>
    public void GiveBack(DueTimer due)
    {
        lock (_lock)
        {
            _line.Add(due);
        }

        FirstChanged?.Invoke();
    }

    /// <summary>What is remembered of a key at the moment, for those that do not hold the key's lane: nothing is cached, nothing waited for.</summary>
    public async ValueTask<KeyState> PeekAsync(MessageKey key, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (Find(key) is { } known)
            {
                return known;
            }
        }

        return await FetchAsync(key, cancellationToken).ConfigureAwait(false);
    }

    private KeyState? Find(MessageKey key) => _pending.TryGetValue(key, out var pending) ? pending : _recent.Find(key);

    private async ValueTask<KeyState> LoadAsync(MessageKey key, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_lock)
            {
                if (_pendingBytes <= PendingBytesMax)
                {
                    if (Find(key) is { } known)
                    {
                        return known;
                    }

                    break;
                }

                room = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        var state = await FetchAsync(key, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _recent.Add(key, state);
        }

        return state;
    }

    private async ValueTask<KeyState> FetchAsync(MessageKey key, CancellationToken cancellationToken)
    {
        var stored = await broker.ReadStateAsync(store, partition, StateCodec.StateKey(key), cancellationToken).ConfigureAwait(false);
        return stored is { } bytes ? StateCodec.Read(bytes) : KeyState.None;
    }

    private void AddAll(IEnumerable<DueTimer> due)
    {
        foreach (var one in due)
        {
            _line.Add(one);
        }
    }
}
