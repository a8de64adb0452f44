namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>How the path through one trace treats children that touch or overlap.</summary>
/// <param name="TouchingIsAfter">True if a child that begins in the tick another ends came after it.</param>
/// <param name="SkewShare">Up to this share of the parent an overlap of two children counts as skew of clocks: the earlier is moved before the later.</param>
internal sealed record PathRules(bool TouchingIsAfter, double SkewShare)
{
    /// <summary>As Jaeger's interface has it.</summary>
    public static PathRules Jaeger { get; } = new(false, 0);

    /// <summary>As CRISP has it.</summary>
    public static PathRules Crisp { get; } = new(true, 0.01);
}
