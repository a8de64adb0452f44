using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;
using Trunkline.Server.Sight.CriticalPaths;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/flows/{flow}/path</c>: what bounds how long messages take, and what a faster hop would do.</summary>
internal static class PathEndpoint
{
    private const int AskedMax = 8;
    private const double FactorMax = 100;
    private const double HoursDefault = 1;
    private const double HoursMax = 48;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/flows/{flow}/path", GetAsync)
        .WithName("getPath").WithTags("sight")
        .WithSummary("The critical paths of a flow's delivered messages: whose time bounds p50 and p99, and what would be if an owner took another time.")
        .WithDescription("whatIf is an owner and a factor, such as model.reply=0.5, and may be given several times. Each answer is told with waits in topics as they were, and as they would be.")
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task<Ok<PathView>> GetAsync(
        string flow, [FromServices] PathReport report, Node node, CancellationToken cancellationToken, [FromQuery] string[]? whatIf = null, double hours = HoursDefault)
    {
        _ = node.Project.Flow(flow);

        if (hours is not (> 0 and <= HoursMax))
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"hours is above 0, up to {HoursMax}.");
        }

        var asked = whatIf is null ? [] : whatIf.Select(Read).ToList();
        if (asked.Count > AskedMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"whatIf is given {AskedMax} times at most.");
        }

        var view = await report.OfAsync(flow, TimeSpan.FromHours(hours), asked, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.PathNoTraces, $"No message that went through '{flow}' in the last {hours.ToString(CultureInfo.InvariantCulture)} h left a whole trace.");
        return asked.Find(a => view.Shares.All(s => s.Owner != a.Owner)).Owner is { } unknown
            ? throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"'{unknown}' is on no critical path here. Those are: {string.Join(", ", view.Shares.Select(s => s.Owner).Distinct())}.")
            : TypedResults.Ok(view);
    }

    private static (string Owner, double Factor) Read(string text)
    {
        var at = text.LastIndexOf('=');
        return at > 0 && double.TryParse(text.AsSpan(at + 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor) && factor <= FactorMax
            ? (text[..at], factor)
            : throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"whatIf is OWNER=FACTOR with a factor from 0 to {FactorMax}, such as model.reply=0.5.");
    }
}
