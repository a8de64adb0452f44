namespace Trunkline.Core.Security;

/// <summary>
/// Which writes a browser may send. Browsers say where a request comes from (Fetch: <c>Origin</c>, <c>Sec-Fetch-Site</c>);
/// programs say nothing and pass. Another port of the same machine is another origin, so <c>same-site</c> is refused too.
/// </summary>
public sealed class OriginRule(IEnumerable<string> origins)
{
    private readonly HashSet<string> _origins = new(origins.Select(o => o.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    /// <summary>True if the write may pass.</summary>
    /// <param name="own">The node's origin as the request addresses it: scheme, host and port.</param>
    /// <param name="origin">The Origin header, or null.</param>
    /// <param name="fetchSite">The Sec-Fetch-Site header, or null.</param>
    public bool Allows(string own, string? origin, string? fetchSite)
    {
        if (origin is not null && _origins.Contains(origin))
        {
            return true;
        }

        var originFits = string.IsNullOrEmpty(origin) || string.Equals(origin, own, StringComparison.OrdinalIgnoreCase);
        return originFits && (string.IsNullOrEmpty(fetchSite) || fetchSite is "same-origin" or "none");
    }
}
