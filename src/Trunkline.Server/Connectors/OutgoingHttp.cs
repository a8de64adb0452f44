using System.Net;
using System.Net.Sockets;

namespace Trunkline.Server.Connectors;

/// <summary>
/// The HTTP client of sinks: connects only to addresses the rule allows, asked with the address really connected to, so that a
/// name cannot resolve to one thing at the check and another at the call. No redirects, no proxy, no cookies.
/// </summary>
internal static class OutgoingHttp
{
    /// <summary>Connections to one receiver at once; further calls wait for one.</summary>
    private const int ConnectionsPerServerMax = 64;

    /// <param name="allows">True if a call to the host may connect to the address.</param>
    public static HttpClient Create(Func<string, IPAddress, bool> allows)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxConnectionsPerServer = ConnectionsPerServerMax,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, allows, cancellationToken),
        };

        // Each call has its own bound.
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint end, Func<string, IPAddress, bool> allows, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(end.Host, cancellationToken);
        var allowed = Array.FindAll(addresses, address => allows(end.Host, address));
        if (allowed.Length == 0)
        {
            throw new AddressRefusedException(
                addresses.Length == 0 ? "the host has no address" : "the host has only private or link-local addresses; list it under node.allowAddresses");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, end.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>No address of a host may be called.</summary>
internal sealed class AddressRefusedException(string message) : Exception(message);
