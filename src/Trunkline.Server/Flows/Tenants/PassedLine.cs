namespace Trunkline.Server.Flows.Tenants;

/// <summary>Messages of one tenant that were passed over, by their offsets in rising order. Guarded by the lock of <see cref="FlowLedger"/>.</summary>
/// <param name="number">Its number among the lines of the partition, from 1.</param>
/// <param name="tenant">Whose they are, but for those that follow their key.</param>
/// <param name="isShared">Whether it takes all tenants that found no line of their own.</param>
internal sealed class PassedLine(byte number, string tenant, bool isShared)
{
    public byte Number => number;

    public string Tenant => tenant;

    public bool IsShared => isShared;

    /// <summary>The first that waits.</summary>
    public long Next { get; set; } = -1;

    /// <summary>Behind the last that waits.</summary>
    public long Until { get; set; }

    /// <summary>How many wait.</summary>
    public int Waiting { get; set; }

    /// <summary>Hashes of the keys whose messages wait here.</summary>
    public List<int> Keys { get; } = [];
}
