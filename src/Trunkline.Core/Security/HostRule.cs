using System.Net;

namespace Trunkline.Core.Security;

/// <summary>
/// Which Host a request may carry. A page of a foreign name that resolves to this machine (DNS rebinding) carries its own
/// name and is refused; an IP address cannot be rebound and is accepted where it is the address the connection came in on.
/// </summary>
public sealed class HostRule
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "localhost" };

    /// <summary>Allows loopback names, the listen host and these names (a port in them is ignored).</summary>
    public HostRule(string listenHost, IEnumerable<string> names)
    {
        _names.Add(Bare(listenHost));
        _names.UnionWith(names.Select(n => Bare(WithoutPort(n))));
    }

    /// <summary>True if a request with this host, without port, may pass.</summary>
    /// <param name="host">As in the Host header: a name, an IPv4 address, or an IPv6 address in brackets.</param>
    /// <param name="local">The address the connection came in on, if known.</param>
    public bool Allows(string? host, IPAddress? local)
    {
        if (string.IsNullOrEmpty(host))
        {
            return false;
        }

        var bare = Bare(host);
        if (_names.Contains(bare))
        {
            return true;
        }

        // Only the canonical spelling of an address counts: "0177.1", "127.1" or "2130706433" are names as far as browsers may be fooled.
        return IPAddress.TryParse(bare, out var address) && string.Equals(address.ToString(), bare, StringComparison.OrdinalIgnoreCase)
            && (IPAddress.IsLoopback(address) || (local is not null && Same(address, local)));
    }

    private static bool Same(IPAddress a, IPAddress b) =>
        (a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a).Equals(b.IsIPv4MappedToIPv6 ? b.MapToIPv4() : b);

    // A trailing dot names the root and makes the same name.
    private static string Bare(string host) =>
        host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host.Length > 1 && host.EndsWith('.') ? host[..^1] : host;

    private static string WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon > 0 && (host.StartsWith('[') ? host[colon - 1] == ']' : host.IndexOf(':') == colon) ? host[..colon] : host;
    }
}
