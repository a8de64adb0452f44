namespace Trunkline.Server.Flows.Tenants;

/// <summary>
/// The lanes of a group that tenants hold. Where messages name tenants, none takes more than three quarters of those that others leave: one whose
/// messages wait long, for the next window of its budget say, cannot take all lanes by and by. Belongs to the group's loop.
/// </summary>
internal sealed class LaneShares
{
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);
    private bool _isShared;
    private int _all;

    /// <summary>Notes whose message was met. Who comes later finds lanes only if they were left before it came.</summary>
    public void Meet(string tenant) => _isShared |= tenant.Length > 0;

    /// <summary>The lanes of the group.</summary>
    public int LanesMax { get; set; } = 1;

    /// <summary>Whether a tenant has as many lanes as it may.</summary>
    public bool IsOver(string tenant)
    {
        if (!_isShared || !_held.TryGetValue(tenant, out var own))
        {
            return false;
        }

        var left = LanesMax - (_all - own);
        return own >= Math.Max(1, left * 3 / 4);
    }

    /// <summary>A message took a lane.</summary>
    public void Take(string tenant)
    {
        _held[tenant] = _held.GetValueOrDefault(tenant) + 1;
        _all++;
    }

    /// <summary>It gave the lane back.</summary>
    public void Give(string tenant)
    {
        _all--;
        if (_held[tenant] == 1)
        {
            _held.Remove(tenant);
        }
        else
        {
            _held[tenant]--;
        }
    }
}
