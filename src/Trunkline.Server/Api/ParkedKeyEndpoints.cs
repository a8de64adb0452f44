using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.DeadLetters;
using Trunkline.Server.Flows;

namespace Trunkline.Server.Api;

/// <summary>Keys parked by <c>onFailure: park-key</c>: list them, release one.</summary>
internal static class ParkedKeyEndpoints
{
    private const int KeysMax = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/flows/{flow}/parked", List).WithName("listParkedKeys").WithTags("flows")
            .WithSummary("Lists keys whose later messages wait, in order, for a failed one, and messages that are tried again later.").Requires(Scopes.Read);
        routes.MapPost("/api/v1/flows/{flow}/parked/release", ReleaseAsync).WithName("releaseParkedKey").WithTags("flows")
            .WithSummary("Runs what waits behind a parked key, in order, and opens the key.").Requires(Scopes.Operate);
    }

    private static Ok<ParkedKeyList> List(string flow, [FromServices] FlowSupervisor flows) =>
        TypedResults.Ok(new ParkedKeyList([.. flows.ParkedKeys(flow, KeysMax).Select(parked => new ParkedKeyView(
            parked.Key?.ToString(), parked.Key is { } key ? Convert.ToBase64String(key.Bytes.Span) : null, parked.Partition, parked.Waiting)
        {
            Due = parked.Due,
            Attempts = parked.Attempts,
        })]));

    private static async Task<Ok<ReleaseKeyResult>> ReleaseAsync(
        string flow, ReleaseKeyRequest request, HttpContext context, [FromServices] DeadLetterDesk desk)
    {
        var key = new byte[request.KeyBase64.Length];
        if (!Convert.TryFromBase64String(request.KeyBase64, key, out var length))
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, "keyBase64 is not Base64. Take it from the list of parked keys.");
        }

        var outcome = await desk.ReleaseAsync(flow, new MessageKey(key.AsMemory(0, length)), request.SkipFailed, context.Caller().Name, context.RequestAborted);
        return TypedResults.Ok(new ReleaseKeyResult(outcome.ToString()));
    }
}
