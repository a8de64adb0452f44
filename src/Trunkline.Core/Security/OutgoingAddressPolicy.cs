using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Trunkline.Core.Security;

/// <summary>
/// Which addresses outgoing calls (models, webhooks) may reach. Loopback may be called where the author wrote
/// loopback (<c>127.0.0.1</c>, <c>[::1]</c>, <c>localhost</c>): what runs beside the node is often what a project is for. Refused
/// unless listed: loopback behind another name, private, link-local, shared, multicast, unspecified and reserved addresses of
/// IPv4 and IPv6 (IANA special-purpose registries), also inside IPv4-mapped and translated IPv6. The address that is connected to is judged, not the name, so a name that changes its answer gains nothing.
/// The rules are immutable. Thread-safe.
/// </summary>
public sealed class OutgoingAddressPolicy
{
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/128", "::1/128", "100::/64", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    // The IPv4 address stands in the last four bytes: NAT64 (RFC 6052), and IPv4-compatible addresses.
    private static readonly IPNetwork[] Embedding = [IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("::/96")];

    // 6to4 (RFC 3056): the IPv4 address stands in bytes 2 to 5.
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    private readonly IPNetwork[] _allowedNetworks;
    private readonly HashSet<string> _allowedHosts;

    /// <param name="allowed">Addresses (<c>10.1.2.3</c>), networks (<c>10.0.0.0/8</c>) or host names (<c>models.internal</c>).</param>
    public OutgoingAddressPolicy(params IEnumerable<string> allowed)
    {
        var networks = new List<IPNetwork>();
        _allowedHosts = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in allowed)
        {
            if (IPNetwork.TryParse(entry, out var network))
            {
                networks.Add(network);
            }
            else if (IPAddress.TryParse(entry, out var address))
            {
                networks.Add(new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128));
            }
            else
            {
                _allowedHosts.Add(entry);
            }
        }

        _allowedNetworks = [.. networks];
    }

    /// <summary>Until when the certificates are valid that connections of its handlers met.</summary>
    public PeerCertificates Peers { get; } = new();

    /// <summary>Whether a connection to the address, made under the host name, is allowed.</summary>
    public bool Allows(string host, IPAddress address) =>
        _allowedHosts.Contains(host) || Array.Exists(_allowedNetworks, network => network.Contains(Plain(address)))
        || (IPAddress.IsLoopback(Plain(address)) && IsLoopbackName(host)) || IsPublic(address);

    /// <summary>
    /// A handler that connects only where the policy allows. It follows no redirects, uses no proxy and keeps no cookies. A
    /// refused connection is an <see cref="HttpRequestException"/> around an <see cref="OutgoingAddressException"/>. The caller disposes it.
    /// </summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectCallback = ConnectAsync,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (sender, certificate, _, errors) => Peers.Accepts(sender, certificate, errors) },
    };

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var written) && IPAddress.IsLoopback(Plain(written)));

    private static bool IsPublic(IPAddress given)
    {
        var address = Plain(given);
        if (Array.Exists(Special, network => network.Contains(address)))
        {
            return false;
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return true;
        }

        var bytes = address.GetAddressBytes();
        if (Array.Exists(Embedding, network => network.Contains(address)))
        {
            return IsPublic(new IPAddress(bytes.AsSpan(12)));
        }

        return !SixToFour.Contains(address) || IsPublic(new IPAddress(bytes.AsSpan(2, 4)));
    }

    private ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken);

    /// <summary>Connects to the host, where the policy allows.</summary>
    /// <param name="hostName">Name or address.</param>
    /// <param name="port">TCP port.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OutgoingAddressException">None of its addresses is allowed.</exception>
    /// <exception cref="SocketException">None of them answers.</exception>
    public async ValueTask<Stream> ConnectAsync(string hostName, int port, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hostName);
        var host = hostName.Trim('[', ']');
        var addresses = IPAddress.TryParse(host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        var allowed = Array.FindAll(addresses, address => Allows(host, address));
        if (allowed.Length == 0)
        {
            throw new OutgoingAddressException(host);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
