using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;
using Trunkline.Server.Quality;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/models/quality</c>: agreement, calibration, drift, cost and latency per version of a model.</summary>
internal static class ModelQualityEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/models/quality", GetAsync)
        .WithName("getModelQuality").WithTags("models")
        .WithSummary("How well versions of models do: agreement with labels told later, calibration, ratings, drift, cost and latency.")
        .WithDescription("From recorded answers, as far back as they are kept, and from facts told at POST /api/v1/outcomes that name a message by id. Figures that need more evidence than there is are left out.")
        .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);

    private static async Task<Ok<ModelQualityList>> GetAsync([FromServices] QualityViews views, Node node, CancellationToken cancellationToken, string? model = null)
    {
        var versions = await views.LookAsync(View, model, cancellationToken);
        return model is null || versions.Count > 0 || node.Project.Models.ContainsKey(model)
            ? TypedResults.Ok(new ModelQualityList(versions))
            : throw Lookups.NoModel(model);
    }

    private static ModelQualityView View(VersionTally version)
    {
        var enough = version.Labels >= VersionTally.LabelsMin;
        var calibrated = version.Calibration.Count >= VersionTally.LabelsMin;
        return new ModelQualityView
        {
            Model = version.Model,
            Version = version.Version,
            Answers = version.Answers,
            First = version.First,
            Last = version.Last,
            LatencyP50Ms = version.Latencies.Quantile(0.5),
            LatencyP99Ms = version.Latencies.Quantile(0.99),
            InputTokens = version.InputTokens,
            OutputTokens = version.OutputTokens,
            Cost = version.Cost,
            Labels = version.Labels,
            LabelsNeeded = VersionTally.LabelsMin,
            Agreement = enough ? (double)version.Agreed / version.Labels : null,
            CalibrationError = calibrated ? version.Calibration.Ece : null,
            Brier = calibrated ? version.Calibration.Brier : null,
            Ratings = version.Ratings,
            Rating = version.Ratings > 0 ? version.RatingSum / version.Ratings : null,
            Scores = View(version.Scores),
            Inputs = View(version.Inputs),
        };
    }

    private static DriftView View(Drift drift) => drift.Judge() is { } verdict
        ? new DriftView(verdict.Drifts ? "drifting" : "stable", drift.Count, 2 * Drift.Sample, verdict.Psi, verdict.Distance, verdict.Chance)
        : new DriftView("not enough evidence", drift.Count, 2 * Drift.Sample);
}
