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

    /// <summary>Replays every flow with another time of an owner; waits in topics stay as they were.</summary>
    /// <param name="flows">The flows; at least one.</param>
    /// <param name="owner">Whose time changes.</param>
    /// <param name="factor">By how much: 0.5 for half of it.</param>
    /// <param name="quantile">Of the length, above 0 up to 1.</param>
    /// <param name="seed">Of the samples: equal seeds give equal intervals.</param>
    public static WhatIf Of(IReadOnlyList<FlowGraph> flows, string owner, double factor, double quantile, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(factor);
        return Of(flows, s => s.Owner == owner ? factor : 1, quantile, seed);
    }

    /// <summary>Replays every flow.</summary>
    /// <param name="flows">The flows; at least one.</param>
    /// <param name="scale">The factor of a segment's time.</param>
    /// <param name="quantile">Of the length, above 0 up to 1.</param>
    /// <param name="seed">Of the samples: equal seeds give equal intervals.</param>
    public static WhatIf Of(IReadOnlyList<FlowGraph> flows, Func<FlowSegment, double> scale, double quantile, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfZero(flows.Count);
        var replayed = flows.Select(f => f.Replay(scale)).Order().ToArray();
        var random = new Random(seed);
        var sample = new long[replayed.Length];
        var draws = new long[Samples];
        for (var i = 0; i < Samples; i++)
        {
            for (var k = 0; k < sample.Length; k++)
            {
                sample[k] = replayed[random.Next(replayed.Length)];
            }

            Array.Sort(sample);
            draws[i] = At(sample, quantile);
        }

        Array.Sort(draws);
        return new WhatIf(At([.. flows.Select(f => f.Length).Order()], quantile), At(replayed, quantile), At(draws, 0.025), At(draws, 0.975));
    }

    /// <summary>The smallest value that this share of a sorted list does not exceed.</summary>
    public static long At(long[] sorted, double quantile) => sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Length) - 1, 0, sorted.Length - 1)];
}
