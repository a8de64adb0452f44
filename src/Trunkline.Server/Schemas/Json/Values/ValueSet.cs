namespace Trunkline.Server.Schemas.Json.Values;

/// <summary>A set of JSON values, found by hash.</summary>
internal sealed class ValueSet
{
    private readonly Dictionary<ulong, List<(JsonIndex Index, int Token)>> _values = [];

    /// <summary>Adds a value; false if an equal one is there.</summary>
    public bool Add(JsonIndex index, int token)
    {
        var hash = JsonEquality.Hash(index, token);
        if (!_values.TryGetValue(hash, out var same))
        {
            _values[hash] = [(index, token)];
            return true;
        }

        if (Holds(same, index, token))
        {
            return false;
        }

        same.Add((index, token));
        return true;
    }

    /// <summary>True if an equal value is in it.</summary>
    public bool Contains(JsonIndex index, int token) => _values.TryGetValue(JsonEquality.Hash(index, token), out var same) && Holds(same, index, token);

    private static bool Holds(List<(JsonIndex Index, int Token)> same, JsonIndex index, int token)
    {
        foreach (var (other, at) in same)
        {
            if (JsonEquality.AreEqual(other, at, index, token))
            {
                return true;
            }
        }

        return false;
    }
}
