namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>What a quantile of the flows' length would become if segments took other times.</summary>
/// <param name="Before">The quantile as recorded.</param>
/// <param name="After">The quantile of the replayed flows.</param>
/// <param name="Low">Lower bound of an interval for it that covers 95 of 100 samples of flows like these.</param>
/// <param name="High">Upper bound.</param>
internal sealed record WhatIf(long Before, long After, long Low, long High)
{
    /// <summary>Samples drawn for the interval.</summary>
    public const int Samples = 1000;

    /// <summary>Stretches of time that samples are made of: messages that wait behind each other are not independent.</summary>
    public const int Blocks = 30;

    /// <summary>Replays every flow with another time of an owner; waits in topics stay as they were.</summary>
    /// <param name="flows">The flows; at least one.</param>
    /// <param name="owner">Whose time changes.</param>
    /// <param name="factor">By how much: 0.5 for half of it.</param>
    /// <param name="quantile">Of the length, above 0 up to 1.</param>
    /// <param name="seed">Of the samples: equal seeds give equal intervals.</param>
    public static WhatIf Of(IReadOnlyList<FlowGraph> flows, string owner, double factor, double quantile, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(factor);
        return Of([.. flows.OrderBy(f => f.Ingest).Select(f => (f.Length, f.Replay(s => s.Owner == owner ? factor : 1)))], quantile, seed);
    }

    /// <summary>Compares lengths with what they would be.</summary>
    /// <param name="flows">The length of each flow as recorded and as replayed, in the order they came in; at least one.</param>
    /// <param name="quantile">Of the length, above 0 up to 1.</param>
    /// <param name="seed">Of the samples.</param>
    public static WhatIf Of(IReadOnlyList<(long Before, long After)> flows, double quantile, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfZero(flows.Count);
        var random = new Random(seed);
        var after = flows.Select(f => f.After).ToArray();
        var block = (after.Length + Blocks - 1) / Blocks;
        var sample = new long[after.Length];
        var draws = new long[Samples];
        for (var i = 0; i < Samples; i++)
        {
            for (var filled = 0; filled < sample.Length; filled += block)
            {
                var from = random.Next(after.Length - block + 1);
                Array.Copy(after, from, sample, filled, Math.Min(block, sample.Length - filled));
            }

            Array.Sort(sample);
            draws[i] = At(sample, quantile);
        }

        Array.Sort(draws);
        return new WhatIf(At([.. flows.Select(f => f.Before).Order()], quantile), At([.. after.Order()], quantile), At(draws, 0.025), At(draws, 0.975));
    }

    /// <summary>The smallest value that this share of a sorted list does not exceed.</summary>
    public static long At(long[] sorted, double quantile) => sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Length) - 1, 0, sorted.Length - 1)];
}
