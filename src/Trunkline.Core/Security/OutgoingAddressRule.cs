using System.Net;
using System.Net.Sockets;

namespace Trunkline.Core.Security;

/// <summary>
/// Which addresses outgoing calls may reach: public ones, loopback, and what the project lists. Private, link-local (with
/// the metadata services of clouds), shared, multicast and unspecified addresses are refused, in IPv4 and IPv6, also where
/// one is wrapped in the other. Immutable; thread-safe. To be asked with the address a connection is really made to, so that
/// a name cannot resolve to one thing at the check and to another at the call.
/// </summary>
public sealed class OutgoingAddressRule
{
    private static readonly IPNetwork[] Guarded =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
            "::/128", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IPNetwork> _networks = [];

    /// <summary>Allows what is listed besides what is public or loopback.</summary>
    /// <param name="allowed">Host names, addresses and networks (<c>10.1.0.0/16</c>).</param>
    public OutgoingAddressRule(IEnumerable<string> allowed)
    {
        foreach (var entry in allowed)
        {
            if (IPNetwork.TryParse(entry, out var network))
            {
                _networks.Add(network);
            }
            else if (IPAddress.TryParse(entry, out var address))
            {
                _networks.Add(new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128));
            }
            else
            {
                _hosts.Add(entry);
            }
        }
    }

    /// <summary>True if a call to the host may connect to this address of it.</summary>
    public bool Allows(string host, IPAddress address)
    {
        var plain = Unwrap(address);
        return IPAddress.IsLoopback(plain) || _hosts.Contains(host) || _networks.Exists(n => n.Contains(plain)) || !Array.Exists(Guarded, n => n.Contains(plain));
    }

    /// <summary>The IPv4 address inside an IPv6 one: mapped, NAT64 (64:ff9b::/96) and 6to4 (2002::/16).</summary>
    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        ReadOnlySpan<byte> nat64 = [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
        return bytes.AsSpan().StartsWith(nat64) ? new IPAddress(bytes.AsSpan(12, 4))
            : bytes[0] == 0x20 && bytes[1] == 0x02 ? new IPAddress(bytes.AsSpan(2, 4))
            : address;
    }
}
