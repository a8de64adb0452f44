using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Api;

/// <summary>The log of changes: read it, and tell it what changed outside.</summary>
internal static partial class ChangeEndpoints
{
    private const int RequestBytesMax = 64 * 1024;
    private const int StateLengthMax = 256;
    private const int DetailLengthMax = 4096;

    // What the node itself does is written by the node itself.
    private static readonly string[] Own = ["apply", "activate", "erase", "approve-contract"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/changes", ListAsync).WithName("listChanges").WithTags("changes").WithSummary("Who changed what, newest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapPost("/api/v1/changes", ReportAsync).WithName("reportChange").WithTags("changes").WithSummary("Tells a change from outside, such as a deployment.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json)
            .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax)).Requires(Scopes.Operate);
    }

    private static async Task<Ok<ChangeList>> ListAsync([FromServices] ProjectReleases releases, CancellationToken cancellationToken, int? limit = null, long? before = null)
    {
        if (limit is < 1 or > ChangeLog.PageMax || before is < 0)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {ChangeLog.PageMax}, before is an offset.");
        }

        var page = await releases.Changes.ReadAsync(limit ?? 100, before, cancellationToken);
        var next = page.Before is { } at ? string.Create(CultureInfo.InvariantCulture, $"limit={limit ?? 100}&before={at}") : null;
        return TypedResults.Ok(new ChangeList([.. page.Changes.Select(View)], next));
    }

    private static async Task<Created<ChangeView>> ReportAsync(
        ReportChangeRequest request, HttpContext context, [FromServices] ProjectReleases releases, CancellationToken cancellationToken)
    {
        Check(request);
        var who = context.Caller().Name;
        var change = releases.Changes.Entry(who, request.What, request.Target, (request.From, request.To), request.Detail);
        await releases.Changes.WriteAsync(change, cancellationToken);
        return TypedResults.Created("/api/v1/changes", View(change));
    }

    private static void Check(ReportChangeRequest request)
    {
        var problem = request switch
        {
            _ when request.What is null || !What().IsMatch(request.What) => "what is 1 to 64 of a-z 0-9 . -",
            _ when Own.Contains(request.What) => $"what may not be {string.Join(" or ", Own)}: the node writes those itself",
            _ when string.IsNullOrWhiteSpace(request.Target) || !Fits(request.Target, StateLengthMax) => $"target is 1 to {StateLengthMax} characters without control characters",
            _ when !Fits(request.From, StateLengthMax) || !Fits(request.To, StateLengthMax) => $"from and to are at most {StateLengthMax} characters without control characters",
            _ when !Fits(request.Detail, DetailLengthMax) => $"detail is at most {DetailLengthMax} characters, with no control characters but line ends and tabs",
            _ => null,
        };
        if (problem is not null)
        {
            throw new ProblemException(ErrorCodes.ChangeInvalid, problem + ".");
        }
    }

    private static bool Fits(string? text, int lengthMax) =>
        text is null || (text.Length <= lengthMax && !text.Any(c => char.IsControl(c) && (lengthMax == StateLengthMax || c is not ('\n' or '\r' or '\t'))));

    /// <summary>A change as the API shows it.</summary>
    public static ChangeView View(Change change) =>
        new(change.Id, change.At, change.Who, change.What, change.Target, change.From, change.To, change.Detail);

    [GeneratedRegex(@"^[a-z0-9.-]{1,64}\z")]
    private static partial Regex What();
}
