using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard;

/// <summary>The way from a page to the node's API: with the rights of whoever looks at the page, never with more.</summary>
/// <param name="handlers">Make the transport.</param>
/// <param name="address">Where the node is.</param>
internal sealed class DashboardNode(IHttpMessageHandlerFactory handlers, Func<Uri> address)
{
    public const string ClientName = "trunkline-dashboard";

    /// <summary>How long a page waits for a node that hangs.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    public TrunklineClient ClientFor(HttpRequest request)
    {
        var once = new WaitOnce(handlers.CreateHandler(ClientName));
        var http = new HttpClient(once, disposeHandler: false) { BaseAddress = address(), Timeout = Patience };
        if (request.Headers.Authorization is [{ Length: > 0 } authorization])
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        }
        else if (request.Cookies[SessionView.CookieName] is { Length: > 0 } session)
        {
            // Written anew, so that nothing else a browser holds for this host goes on.
            http.DefaultRequestHeaders.TryAddWithoutValidation("Cookie", $"{SessionView.CookieName}={Uri.EscapeDataString(session)}");
        }

        return new TrunklineClient(http);
    }

    /// <summary>Once a question of a page was waited for in vain its later ones are not asked: they would wait as long, one behind another.</summary>
    private sealed class WaitOnce(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private volatile bool _hangs;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (_hangs)
            {
                throw new TaskCanceledException();
            }

            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                _hangs = true;
                throw;
            }
        }
    }
}
