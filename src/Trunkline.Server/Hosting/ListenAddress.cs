using System.Net;
using System.Net.Sockets;

namespace Trunkline.Server.Hosting;

/// <summary>
/// Where the node listens. Only addresses are taken besides <c>localhost</c>: a server given any other name would bind to all
/// interfaces.
/// </summary>
/// <param name="Host">As written: <c>127.0.0.1</c>, <c>localhost</c>, <c>[::]</c>.</param>
/// <param name="Address">The address bound.</param>
/// <param name="Port">The port; 0 picks a free one.</param>
internal sealed record ListenAddress(string Host, IPAddress Address, int Port)
{
    /// <summary>True if only this machine can reach it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Reads <c>http://host:port</c>; null if it is none.</summary>
    public static ListenAddress? Parse(string text)
    {
        var wild = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(wild, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp
            || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            return null;
        }

        var address = uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
            : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var parsed) ? parsed : null;
        return address is null ? null : new ListenAddress(uri.Host, address, uri.Port);
    }

    /// <summary>Whether nothing listens there at the moment.</summary>
    public bool IsFree()
    {
        using var socket = new Socket(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(Address, Port));
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
        catch (SocketException)
        {
            // What else is wrong with the address, the server tells.
            return true;
        }
    }

    /// <summary>The address as a URL with the port really bound; an unspecified address shows as loopback, where it can be reached.</summary>
    public string Url(int port)
    {
        var host = Address.Equals(IPAddress.Any) ? "127.0.0.1" : Address.Equals(IPAddress.IPv6Any) ? "[::1]" : Host;
        return FormattableString.Invariant($"http://{host}:{port}");
    }
}
