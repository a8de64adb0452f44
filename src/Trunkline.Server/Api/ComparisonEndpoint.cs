using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
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
        var load = await CandidateAsync(request, releases, context.RequestAborted);
        if (load.Config is null)
        {
            await ProblemWriter.WriteFaultsAsync(context, load.Faults);
            return;
        }

        var comparison = new ComparisonRequest(releases.Running, load.Config, flow);
        var outcome = await comparisons.RunAsync(
            comparison with
            {
                MessagesMax = request.MessagesMax ?? comparison.MessagesMax,
                ExamplesMax = request.ExamplesMax ?? comparison.ExamplesMax,
                ShowValues = request.ShowValues,
                Effects = EffectModes.Parse(request.Effects) ?? EffectMode.Recorded,
                Stubs = EffectModes.Stubs(request.Stubs),
            },
            FlowNames.Effects(flow),
            context.RequestAborted);
        await context.Response.WriteAsJsonAsync(View(outcome), ApiJson.Default.ComparisonView, cancellationToken: context.RequestAborted);
    }

    private static async Task<ProjectLoad> CandidateAsync(CompareRequest request, ProjectReleases releases, CancellationToken cancellationToken)
    {
        if (request.Revision is not { } revision)
        {
            return releases.Read(new RevisionFiles(request.Main!, request.Files!));
        }

        return revision is > 0 and <= int.MaxValue && await releases.ReadAsync((int)revision, cancellationToken) is { } load
            ? load
            : throw new ProblemException(
                ErrorCodes.ComparisonNotPossible, string.Create(CultureInfo.InvariantCulture, $"There is no revision {revision} that was made from files."));
    }

    private static void Check(CompareRequest request)
    {
        var files = request is { Main: not null, Files.Count: > 0 and <= FilesMax } && request.Files.All(f => f.Value is not null);
        if (request.Revision is null ? !files : request.Main is not null || request.Files is not null)
        {
            throw new ProblemException(
                ErrorCodes.RequestBodyInvalid, $"Give 'revision', or else 'files' with 1 to {FilesMax} texts by path, of which 'main' names one.");
        }

        if (request.MessagesMax is < 1 or > Comparisons.MessagesMax || request.ExamplesMax is < 0 or > ExamplesMax)
        {
            throw new ProblemException(
                ErrorCodes.RequestBodyInvalid,
                string.Create(CultureInfo.InvariantCulture, $"'messagesMax' is 1 to {Comparisons.MessagesMax}, 'examplesMax' is 0 to {ExamplesMax}."));
        }

        EffectModes.Check(request.Effects, request.Stubs);
    }

    private static ComparisonView View(ComparisonOutcome outcome) => outcome switch
    {
        ComparisonOutcome.Done done => done.Report,
        ComparisonOutcome.Busy => throw new ProblemException(ErrorCodes.ComparisonBusy, "The node runs another comparison.") { RetryAfter = TimeSpan.FromSeconds(5) },
        ComparisonOutcome.TimeUp up => throw new ProblemException(
            ErrorCodes.ComparisonTimeUp, string.Create(CultureInfo.InvariantCulture, $"It did not end within {up.Allowed.TotalMinutes:0} minutes.")),
        ComparisonOutcome.NotPossible impossible => throw new ProblemException(ErrorCodes.ComparisonNotPossible, impossible.Reason),
        _ => throw new InvalidOperationException($"Outcome {outcome.GetType().Name} has no answer."),
    };
}
