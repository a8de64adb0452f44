namespace Trunkline.Server.Sight.Map.Neighbours;

/// <summary>Of how many hand-overs of a service both halves are known.</summary>
/// <param name="Whole">Of so many.</param>
/// <param name="WithoutGiver">Of so many only that it took.</param>
/// <param name="WithoutTaker">Of so many only that it gave.</param>
internal readonly record struct ServiceCoverage(long Whole, long WithoutGiver, long WithoutTaker)
{
    public static readonly ServiceCoverage None;

    /// <summary>Hand-overs with one half.</summary>
    public long Halves => WithoutGiver + WithoutTaker;

    /// <summary>The share with both; null without any.</summary>
    public double? Share => Whole + Halves == 0 ? null : Math.Round((double)Whole / (Whole + Halves), 4);

    /// <summary>The likely cause of those with one half.</summary>
    public string Cause => WithoutGiver > 0 ? "who calls or sends to it sends no traces here, or samples other ones" : "what it calls sends no traces here, or samples other ones";

    public static ServiceCoverage operator +(ServiceCoverage a, ServiceCoverage b) => new(a.Whole + b.Whole, a.WithoutGiver + b.WithoutGiver, a.WithoutTaker + b.WithoutTaker);
}
