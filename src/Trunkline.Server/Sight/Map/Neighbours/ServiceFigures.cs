namespace Trunkline.Server.Sight.Map.Neighbours;

/// <summary>By what names figures of services around are kept beside those of the node's own hops.</summary>
internal static class ServiceFigures
{
    /// <summary>A hop of their spans, from one id of the map to another: counts are how many, how many failed, of how many one half is known; and times.</summary>
    public const string Hop = "service.hop";

    /// <summary>How long messages waited on that hop.</summary>
    public const string Wait = "service.wait";

    /// <summary>Counts of <see cref="ServiceCoverage"/>, by the id of the service.</summary>
    public const string Coverage = "service.coverage";

    /// <summary>What a service says by its metrics of the requests it answered and messages it took: by its name, what kind, and <see cref="Failed"/> or not.</summary>
    public const string Requests = "service.requests";

    /// <summary>Outcome of what failed.</summary>
    public const string Failed = "failed";
}
