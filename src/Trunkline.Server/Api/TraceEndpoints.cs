using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/traces</c>: kept traces, and the spans of one.</summary>
internal static class TraceEndpoints
{
    private const int LimitDefault = 50;
    private const int LimitMax = 1000;
    private const int SpansMax = 10_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/traces", List).WithName("listTraces").WithTags("sight")
            .WithSummary("Kept traces, the last to begin first; by flow, message, service, failure, or least length.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json)
            .Requires(Scopes.Read);
        routes.MapGet("/api/v1/traces/{trace}", GetAsync).WithName("getTrace").WithTags("sight")
            .WithSummary("The spans of a trace, with those of the traces it is linked to; 10,000 at most.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
            .Requires(Scopes.Read);
    }

    private static Ok<TraceList> List(
        [FromServices] TraceStore store, [FromServices] IServiceProvider services, string? flow = null, string? message = null, string? service = null, bool failed = false, double minMs = 0, int limit = LimitDefault)
    {
        if (limit is < 1 or > LimitMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {LimitMax}.");
        }

        var found = store.Find(
            t => !t.IsSettle && (flow is null || t.Flows.Contains(flow)) && (message is null || t.Messages.Contains(message)) && (service is null || t.Services.Contains(service))
                && (!failed || t.Failed) && (t.End - t.Start) / 1e6 >= minMs,
            limit);
        var share = (services.GetService(typeof(TraceShare)) as TraceShare)?.Value;
        return TypedResults.Ok(new TraceList(share, [.. found.Select(t => new TraceSummary(
            t.Trace, t.Name, TraceTime.Of(t.Start), TraceTime.Milliseconds(t.End - t.Start), t.Spans, t.Failed, t.InShare, [.. t.Services.Order(StringComparer.Ordinal)], [.. t.Flows.Order(StringComparer.Ordinal)]))]));
    }

    private static async Task<Ok<TraceView>> GetAsync(string trace, [FromServices] TraceStore store, CancellationToken cancellationToken)
    {
        var spans = await store.ReadAsync(trace.ToLowerInvariant(), isAlone: false, cancellationToken);
        return spans.Count > 0
            ? TypedResults.Ok(new TraceView(trace.ToLowerInvariant(), [.. spans.OrderBy(s => s.Start).ThenByDescending(s => s.End).Take(SpansMax).Select(View)]))
            : throw new ProblemException(ErrorCodes.TraceNotFound, "No span of a trace with this id is kept.");
    }

    private static SpanView View(TraceSpan span) => new(
        span.Trace,
        span.Id,
        span.Parent,
        span.Name,
        span.Role.ToString().ToLowerInvariant(),
        span.Service,
        TraceTime.Of(span.Start),
        TraceTime.Milliseconds(span.End - span.Start),
        span.Failed,
        span.Attributes.DistinctBy(a => a.Key).ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal),
        [.. span.Links.Select(l => new SpanLinkView(l.Trace, l.Id))]);
}
