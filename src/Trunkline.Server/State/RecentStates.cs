using Trunkline.Messaging;

namespace Trunkline.Server.State;

/// <summary>
/// Committed states read or written lately, in two halves: when the newer is full it becomes the older, and what was not asked for since
/// goes. Not thread-safe.
/// </summary>
/// <param name="halfBytesMax">Bytes of a half.</param>
internal sealed class RecentStates(int halfBytesMax)
{
    private Dictionary<MessageKey, KeyState> _newer = [];
    private Dictionary<MessageKey, KeyState> _older = [];
    private int _bytes;

    /// <summary>The state of a key; null if it is not here.</summary>
    public KeyState? Find(MessageKey key)
    {
        if (_newer.TryGetValue(key, out var state))
        {
            return state;
        }

        if (_older.TryGetValue(key, out state))
        {
            Add(key, state);
        }

        return state;
    }

    public void Add(MessageKey key, KeyState state)
    {
        if (_newer.Remove(key, out var old))
        {
            _bytes -= SizeOf(key, old);
        }

        if (_bytes > halfBytesMax)
        {
            (_older, _newer, _bytes) = (_newer, [], 0);
        }

        _newer.Add(key, state);
        _bytes += SizeOf(key, state);
    }

    public void Remove(MessageKey key)
    {
        if (_newer.Remove(key, out var state))
        {
            _bytes -= SizeOf(key, state);
        }

        _older.Remove(key);
    }

    private static int SizeOf(MessageKey key, KeyState state) => key.Bytes.Length + state.Bytes;
}
