using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Flows;
using Trunkline.Server.Releases;
using Trunkline.Server.Releases.Comparison;

namespace Trunkline.Server.Api;

/// <summary><c>POST /api/v1/flows/{flow}/comparisons</c>: a candidate over the flow's recorded messages; changes nothing.</summary>
internal static class ComparisonEndpoint
{
    private const int RequestBytesMax = 16 * 1024 * 1024;
    private const int FilesMax = 256;
    private const int ExamplesMax = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/flows/{flow}/comparisons", CompareAsync)
        .WithName("compareFlow").WithTags("flows")
        .WithSummary("Runs a candidate project over the flow's recorded messages, effects answered from the recording, and tells which would go elsewhere.")
        .Produces<ComparisonView>().ProducesProblem(StatusCodes.Status422UnprocessableEntity, ProblemTypes.Json)
        .ProducesProblem(StatusCodes.Status429TooManyRequests, ProblemTypes.Json)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax)).Requires(Scopes.Operate);

    private static async Task CompareAsync(
        string flow, CompareRequest request, HttpContext context, [FromServices] ProjectReleases releases, [FromServices] Comparisons comparisons)
    {
        Check(request);
        var load = releases.Read(new RevisionFiles(request.Main, request.Files));
        if (load.Config is null)
        {
            await ProblemWriter.WriteFaultsAsync(context, load.Faults);
            return;
        }

        var comparison = new ComparisonRequest(releases.Running, load.Config, flow);
        var outcome = await comparisons.RunAsync(
            comparison with { MessagesMax = request.MessagesMax ?? comparison.MessagesMax, ExamplesMax = request.ExamplesMax ?? comparison.ExamplesMax },
            FlowNames.Effects(flow),
            context.RequestAborted);
        await context.Response.WriteAsJsonAsync(View(outcome), ApiJson.Default.ComparisonView, cancellationToken: context.RequestAborted);
    }

    private static void Check(CompareRequest request)
    {
        if (request.Files is not { Count: > 0 and <= FilesMax } || request.Main is null || request.Files.Any(f => f.Value is null))
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, $"'files' holds 1 to {FilesMax} texts by path, and 'main' names one of them.");
        }

        if (request.MessagesMax is < 1 or > Comparisons.MessagesMax || request.ExamplesMax is < 0 or > ExamplesMax)
        {
            throw new ProblemException(
                ErrorCodes.RequestBodyInvalid,
                string.Create(CultureInfo.InvariantCulture, $"'messagesMax' is 1 to {Comparisons.MessagesMax}, 'examplesMax' is 0 to {ExamplesMax}."));
        }
    }

    private static ComparisonView View(ComparisonOutcome outcome) => outcome switch
    {
        ComparisonOutcome.Done done => View(done.Report),
        ComparisonOutcome.Busy => throw new ProblemException(ErrorCodes.ComparisonBusy, "The node runs another comparison.") { RetryAfter = TimeSpan.FromSeconds(5) },
        ComparisonOutcome.TimeUp up => throw new ProblemException(
            ErrorCodes.ComparisonTimeUp, string.Create(CultureInfo.InvariantCulture, $"It did not end within {up.Allowed.TotalMinutes:0} minutes.")),
        ComparisonOutcome.NotPossible impossible => throw new ProblemException(ErrorCodes.ComparisonNotPossible, impossible.Reason),
        _ => throw new InvalidOperationException($"Outcome {outcome.GetType().Name} has no answer."),
    };

    private static ComparisonView View(ComparisonReport report) => new(
        report.Flow, report.Messages, report.Moved, report.Altered, report.Undecided, [.. report.Moves.Select(View)], report.RecordingTruncated);

    private static MoveView View(Move move) =>
        new(move.From, move.To, move.Count, [.. move.Examples.Select(e => new MoveExampleView(e.Id, e.Position.Partition, e.Position.Offset))]);
}
