using System.IO.Hashing;

namespace Trunkline.Server.Faults;

/// <summary>A fault to inject for a share of keys, until a time. Immutable but for its count.</summary>
internal sealed class FaultRule
{
    /// <summary>What <see cref="Step"/> names the commits of a flow by.</summary>
    public const string Broker = "broker";

    private long _hits;

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The flow.</summary>
    public required string Flow { get; init; }

    /// <summary>The step, sink or model; <see cref="Broker"/> for the flow's commits; null for all effects of the flow.</summary>
    public string? Step { get; init; }

    /// <summary>The flow's group, which its commits are known by; null if it has none.</summary>
    public string? Group { get; init; }

    /// <summary>What happens.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>The share of keys hit, above 0 to 1. A key is hit always or never.</summary>
    public required double Share { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string By { get; init; }

    /// <summary>For <see cref="FaultKind.Slow"/>: how much later.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For <see cref="FaultKind.RateLimited"/>: what the answer asks to wait; null for nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Calls or commits it met.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Counts one.</summary>
    public void Hit() => Interlocked.Increment(ref _hits);

    /// <summary>Whether the key is among those hit. Two rules choose different keys, since the rule's id takes part.</summary>
    public bool Chooses(ReadOnlySpan<byte> key)
    {
        var seed = XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(Id));
        return XxHash3.HashToUInt64(key, (long)seed) < Share * ulong.MaxValue || Share >= 1;
    }
}
