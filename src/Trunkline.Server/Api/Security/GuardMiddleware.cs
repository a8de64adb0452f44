using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Security;

/// <summary>
/// Loopback is not authentication (invariant 9): a page of any web site can reach it. So every request shows a known Host,
/// every write a known origin, and where tokens are configured, a token with the endpoint's scope. Runs after routing.
/// </summary>
internal sealed class GuardMiddleware(RequestDelegate next, SecurityRules rules)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XFrameOptions = "DENY";
        if (!rules.Hosts.Allows(request.Host.Host, context.Connection.LocalIpAddress))
        {
            throw new ProblemException(ErrorCodes.RequestHostUnknown, "The Host header names another host.");
        }

        var writes = !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method));
        var (origin, site) = (Header(request.Headers.Origin), Header(request.Headers["Sec-Fetch-Site"]));

        // A browser opens a WebSocket to any site and lets its page read, so that it counts as a write.
        var isGuarded = writes || context.WebSockets.IsWebSocketRequest;
        if (isGuarded && (origin ?? site) is not null && !rules.Origins.Allows($"{request.Scheme}://{request.Host.Value}", origin, site))
        {
            throw new ProblemException(ErrorCodes.RequestCrossSite, "The browser says that the request comes from another site.");
        }

        var required = context.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>()?.Scopes ?? (writes ? Scopes.Admin : Scopes.Read);
        context.Features.Set(RequestTokens.Authenticate(context, rules.Tokens, required));
        return next(context);
    }

    // Two values of a header that is sent once are as suspicious as a foreign one.
    private static string? Header(StringValues values) => values.Count == 0 ? null : values.ToString();
}
