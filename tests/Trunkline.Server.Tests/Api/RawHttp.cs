using System.Net.Sockets;
using System.Text;

namespace Trunkline.Server.Tests.Api;

/// <summary>Sends bytes as they are and reads what comes back until the node closes the connection.</summary>
internal static class RawHttp
{
    public static async Task<string> SendAsync(Uri node, string request, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(node.Host, node.Port, cancellationToken);
        var stream = client.GetStream();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ended.CancelAfter(TimeSpan.FromSeconds(30));
        var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), ended.Token);
            await stream.CopyToAsync(answer, ended.Token);
        }
        catch (IOException)
        {
            // The node may close before it has read all: what it said until then counts.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
