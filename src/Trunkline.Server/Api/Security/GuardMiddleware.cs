using System.Text;
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
        if (writes && (origin ?? site) is not null && !rules.Origins.Allows($"{request.Scheme}://{request.Host.Value}", origin, site))
        {
            throw new ProblemException(ErrorCodes.RequestCrossSite, "The browser says that the request comes from another site.");
        }

        context.Features.Set(Authenticate(context, writes));
        return next(context);
    }

    private Caller Authenticate(HttpContext context, bool writes)
    {
        if (rules.Tokens.IsEmpty)
        {
            return Caller.Local;
        }

        var endpoint = context.GetEndpoint();
        var required = endpoint?.Metadata.GetMetadata<RequiredScope>()?.Scopes ?? (writes ? Scopes.Admin : Scopes.Read);
        if (required == Scopes.None)
        {
            return new Caller("anonymous", Scopes.None);
        }

        var token = Token(context.Request.Headers.Authorization);
        if (token is null || rules.Tokens.Find(token) is not { } caller)
        {
            // A browser asks its user for a password on Basic; the API's own scheme is Bearer.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.WWWAuthenticate = context.Request.Path.StartsWithSegments("/api") ? "Bearer" : "Basic realm=\"trunkline\", charset=\"UTF-8\"";
                return Task.CompletedTask;
            });
            throw token is null
                ? new ProblemException(ErrorCodes.AuthTokenMissing, "The request carries no token.")
                : new ProblemException(ErrorCodes.AuthTokenInvalid, "The request carries a token the node does not know.");
        }

        return caller.Scopes.Permits(required)
            ? caller
            : throw new ProblemException(ErrorCodes.AuthScopeMissing, $"Token '{caller.Name}' lacks scope {required.ToString().ToLowerInvariant()}.");
    }

    // Bearer (RFC 6750), or Basic (RFC 7617) with the token as password and any user name, which is what a browser can send.
    private static string? Token(StringValues authorization)
    {
        if (authorization is not [{ Length: <= 2 * TokenTable.TokenLengthMax } value])
        {
            return null;
        }

        if (value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return value[7..].Trim();
        }

        var bytes = new byte[value.Length];
        if (!value.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) || !Convert.TryFromBase64String(value[6..].Trim(), bytes, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(bytes.AsSpan(0, length));
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }

    // Two values of a header that is sent once are as suspicious as a foreign one.
    private static string? Header(StringValues values) => values.Count == 0 ? null : values.ToString();
}
