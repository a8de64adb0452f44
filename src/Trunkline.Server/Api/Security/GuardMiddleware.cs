using Microsoft.Extensions.Primitives;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Security;

/// <summary>
/// Loopback is not authentication (invariant 9): a page of any web site can reach it. So every request shows a known Host,
/// every write a known origin, and where tokens are configured, a token with the endpoint's scope. A browser that asks for a page
/// without one is led to where it can sign in. Runs after routing.
/// </summary>
internal sealed class GuardMiddleware(RequestDelegate next, SecurityRules rules)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";

        // Not "no-referrer": browsers then send forms of the node's own pages with the origin "null".
        headers["Referrer-Policy"] = "same-origin";
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
        if (!writes && required != Scopes.None && SignInAddress(context) is { } signIn)
        {
            context.Response.Redirect(signIn);
            return Task.CompletedTask;
        }

        context.Features.Set(RequestTokens.Authenticate(context, rules, required));
        return next(context);
    }

    /// <summary>Where a browser is led to sign in; null if the request is of another kind, or shows who it is.</summary>
    private string? SignInAddress(HttpContext context)
    {
        var request = context.Request;
        return context.GetEndpoint()?.Metadata.GetMetadata<SignInPage>() is { } page && !rules.Tokens.IsEmpty && request.Headers.Authorization.Count == 0
            && !RequestTokens.IsKnown(request, rules)
                ? $"{page.Path}?to={Uri.EscapeDataString(request.Path + request.QueryString)}"
                : null;
    }

    // Two values of a header that is sent once are as suspicious as a foreign one.
    private static string? Header(StringValues values) => values.Count == 0 ? null : values.ToString();
}
