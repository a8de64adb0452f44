using System.Collections.Concurrent;

namespace Trunkline.Client.Tests;

/// <summary>A connection that fails on demand: before a request reaches the node, or after, so that only the answer is lost. Counts what reached the node.</summary>
internal sealed class UnreliableConnection() : DelegatingHandler(new SocketsHttpHandler())
{
    private readonly ConcurrentDictionary<string, int> _reached = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (int Before, int After)> _failures = new(StringComparer.Ordinal);

    /// <summary>The next requests whose path ends so fail: first those that never arrive, then those whose answer is lost.</summary>
    public void Fail(string ending, int before, int after) => _failures[ending] = (before, after);

    public int Reached(string ending) => _reached.GetValueOrDefault(ending);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var ending = request.RequestUri!.AbsolutePath.Split('/')[^1];
        var (before, after) = _failures.GetValueOrDefault(ending);
        if (before > 0)
        {
            _failures[ending] = (before - 1, after);
            throw new HttpRequestException("The connection was refused, as the test asked.");
        }

        var response = await base.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        _reached.AddOrUpdate(ending, 1, (_, count) => count + 1);
        if (after > 0)
        {
            _failures[ending] = (0, after - 1);
            response.Dispose();
            throw new HttpRequestException("The connection broke off, as the test asked.");
        }

        return response;
    }
}
