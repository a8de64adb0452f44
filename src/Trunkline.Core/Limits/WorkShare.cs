namespace Trunkline.Core.Limits;

/// <summary>Whose work something is, and how urgent among that tenant's own.</summary>
/// <param name="Tenant">The tenant; empty for none, which then counts as one.</param>
/// <param name="Priority">0 (highest) to 9.</param>
public readonly record struct WorkShare(string Tenant, int Priority)
{
    /// <summary>What a message without a priority has.</summary>
    public const int PriorityDefault = 5;

    /// <summary>The last to be served.</summary>
    public const int PriorityLowest = 9;

    /// <summary>How much of the service the tenant gets beside others. Default 1.</summary>
    public int Weight { get; init; } = 1;
}
