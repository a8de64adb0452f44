using Trunkline.Client.Api;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>What came of a comparison: a closed family.</summary>
internal abstract record ComparisonOutcome
{
    private ComparisonOutcome()
    {
    }

    /// <summary>It ran to its end.</summary>
    internal sealed record Done(ComparisonView Report) : ComparisonOutcome;

    /// <summary>Another one runs.</summary>
    internal sealed record Busy : ComparisonOutcome;

    /// <summary>It did not end within its time.</summary>
    internal sealed record TimeUp(TimeSpan Allowed) : ComparisonOutcome;

    /// <summary>There is nothing to compare.</summary>
    internal sealed record NotPossible(string Reason) : ComparisonOutcome;
}
