using System.Diagnostics.CodeAnalysis;

namespace Trunkline.Server.Outcomes;

/// <summary>A map that keeps at least the newest so many entries and at most twice as many: what is older is forgotten. Not thread-safe.</summary>
internal sealed class RecentMap<TValue>(int entriesMin)
{
    private Dictionary<UInt128, TValue> _young = [];
    private Dictionary<UInt128, TValue> _old = [];

    public bool TryGet(UInt128 key, [MaybeNullWhen(false)] out TValue value) => _young.TryGetValue(key, out value) || _old.TryGetValue(key, out value);

    public void Set(UInt128 key, TValue value)
    {
        if (_young.Count >= entriesMin && !_young.ContainsKey(key))
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
        }

        _young[key] = value;
    }

    public void Remove(UInt128 key)
    {
        _young.Remove(key);
        _old.Remove(key);
    }
}
