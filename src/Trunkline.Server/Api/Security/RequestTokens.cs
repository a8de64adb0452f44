using System.Text;
using Microsoft.Extensions.Primitives;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Security;

/// <summary>Tokens of requests.</summary>
internal static class RequestTokens
{
    /// <summary>True if a request shows a token, or a session, the node knows.</summary>
    public static bool IsKnown(HttpRequest request, SecurityRules rules) => Of(request, rules.Sessions) is { } token && rules.Tokens.Find(token) is not null;

    /// <summary>Who makes a request, if that may do what is asked; the problem is thrown otherwise.</summary>
    public static Caller Authenticate(HttpContext context, SecurityRules rules, Scopes required)
    {
        if (rules.Tokens.IsEmpty)
        {
            return Caller.Local;
        }

        if (required == Scopes.None)
        {
            return new Caller("anonymous", Scopes.None);
        }

        var token = Of(context.Request, rules.Sessions);
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
                : new ProblemException(ErrorCodes.AuthTokenInvalid, "The request carries a token the node does not know, or that has expired.");
        }

        return caller.Scopes.Permits(required)
            ? caller
            : throw new ProblemException(ErrorCodes.AuthScopeMissing, $"Token '{caller.Name}' lacks scope {required.ToString().ToLowerInvariant()}.");
    }

    private static string? Of(HttpRequest request, SignInSessions sessions) =>
        request.Headers.Authorization.Count > 0 ? Of(request.Headers.Authorization) : sessions.TokenOf(request.Cookies[SessionView.CookieName]);

    /// <summary>The token: Bearer (RFC 6750), or Basic (RFC 7617) with the token as password and any user name, which is what a browser can send; null for none.</summary>
    public static string? Of(StringValues authorization)
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
}
