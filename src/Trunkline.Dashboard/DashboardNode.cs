using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard;

/// <summary>The way from a page to the node's API: with the rights of whoever looks at the page, never with more.</summary>
internal sealed class DashboardNode(IHttpClientFactory factory, Func<Uri> address)
{
    public const string ClientName = "trunkline-dashboard";

    public TrunklineClient ClientFor(HttpRequest request)
    {
        var http = factory.CreateClient(ClientName);
        http.BaseAddress = address();
        http.Timeout = TimeSpan.FromSeconds(10);
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
}
