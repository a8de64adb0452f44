using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;

namespace Trunkline.Server.Api;

/// <summary><c>POST /api/v1/sessions</c>: what a browser shows instead of a token.</summary>
internal static class SessionEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/sessions", Begin)
        .WithName("beginSession").WithTags("health")
        .WithSummary("Begins a session of twelve hours with a token, for a browser: its value goes into the cookie trunkline-session.")
        .WithDescription("A session permits what its token permits. It ends with the node's process, and when the token is taken out of the project.")
        .ProducesProblem(StatusCodes.Status401Unauthorized, ProblemTypes.Json).Requires(Scopes.None);

    private static Ok<SessionView> Begin(SessionRequest request, [FromServices] SecurityRules rules)
    {
        if (rules.Tokens.Find(request.Token ?? "") is not { } caller)
        {
            throw rules.Tokens.IsEmpty
                ? new ProblemException(ErrorCodes.RequestParameterInvalid, "This node asks for no token; there is nothing to sign in to.")
                : new ProblemException(ErrorCodes.AuthTokenInvalid, "The node does not know the token.");
        }

        var (session, expiresAt) = rules.Sessions.Begin(request.Token!);
        return TypedResults.Ok(new SessionView(caller.Name, session, expiresAt));
    }
}
