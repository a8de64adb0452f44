using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Faults;
using Trunkline.Server.Hosting;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Api;

/// <summary>Faults injected into the running flows: add, list, stop. Each is a change that is kept.</summary>
internal static class FaultEndpoints
{
    private const int SecondsMax = 86_400;
    private const int DelayMsMax = 600_000;

    private static readonly Dictionary<string, FaultKind> Kinds = new(StringComparer.Ordinal)
    {
        ["timeout"] = FaultKind.Timeout,
        ["error"] = FaultKind.Unavailable,
        ["429"] = FaultKind.RateLimited,
        ["refused"] = FaultKind.Refused,
        ["garbage"] = FaultKind.Garbage,
        ["slow"] = FaultKind.Slow,
        ["crash"] = FaultKind.Crash,
    };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/faults", List).WithName("listFaults").WithTags("faults").WithSummary("Lists the faults injected at present.").Requires(Scopes.Read);
        routes.MapPost("/api/v1/faults", AddAsync).WithName("addFault").WithTags("faults")
            .WithSummary("Lets calls or commits of a flow fail for a share of keys, until an end.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
        routes.MapDelete("/api/v1/faults/{id}", StopAsync).WithName("stopFault").WithTags("faults").WithSummary("Ends an injected fault.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
    }

    /// <summary>A fault as it is told.</summary>
    public static FaultInjectionView View(FaultRule rule) =>
        new(rule.Id, rule.Flow, rule.Step, Kinds.First(kind => kind.Value == rule.Kind).Key, rule.Share, rule.Until) { Hits = rule.Hits, By = rule.By };

    private static Ok<FaultInjectionList> List([FromServices] FaultBoard faults) =>
        TypedResults.Ok(new FaultInjectionList([.. faults.Active.Select(View)]));

    private static async Task<Ok<FaultInjectionView>> AddAsync(
        AddFaultRequest request, HttpContext context, [FromServices] NodeRuntime runtime, Node node, TimeProvider time)
    {
        var flow = Check(request, node.Project);
        var rule = runtime.Faults.Add(id => new FaultRule
        {
            Id = id,
            Flow = flow.Name,
            Step = request.Step,
            Group = (flow.From as TopicSourceConfig)?.Group,
            Kind = Kinds[request.Kind],
            Share = request.Share,
            Until = time.GetUtcNow().AddSeconds(request.Seconds),
            By = context.Caller().Name,
            Delay = TimeSpan.FromMilliseconds(request.DelayMs),
            RetryAfter = request.RetryAfterSeconds is { } after ? TimeSpan.FromSeconds(after) : null,
        }) ?? throw new ProblemException(ErrorCodes.FaultInvalid, $"There are {FaultBoard.FaultsMax} faults already; stop some.");
        await RecordAsync(context, runtime.Releases, "fault-add", rule);
        return TypedResults.Ok(View(rule));
    }

    private static async Task<Ok<FaultInjectionView>> StopAsync(string id, HttpContext context, [FromServices] NodeRuntime runtime)
    {
        var rule = runtime.Faults.Stop(id) ?? throw new ProblemException(ErrorCodes.FaultNotFound, "It has ended, or never was.");
        await RecordAsync(context, runtime.Releases, "fault-stop", rule);
        return TypedResults.Ok(View(rule));
    }

    private static FlowConfig Check(AddFaultRequest request, ProjectConfig project)
    {
        var flow = project.Flow(request.Flow);
        var problem = request switch
        {
            { Kind: var kind } when !Kinds.ContainsKey(kind) => $"'kind' is one of {string.Join(", ", Kinds.Keys)}.",
            { Share: not (> 0 and <= 1) } => "'share' is above 0 and at most 1.",
            { Seconds: not (>= 1 and <= SecondsMax) } => $"'seconds' is 1 to {SecondsMax}: every fault has an end.",
            { DelayMs: not (>= 1 and <= DelayMsMax) } => $"'delayMs' is 1 to {DelayMsMax}.",
            { RetryAfterSeconds: not (null or (>= 1 and <= SecondsMax)) } => $"'retryAfterSeconds' is 1 to {SecondsMax}.",
            { Step: FaultRule.Broker } when flow.From is not TopicSourceConfig => "Commits can be made to fail of flows that read a topic.",
            { Step: FaultRule.Broker, Kind: "garbage" or "refused" } => "A commit can be slow, crash or fail: timeout, error, 429, slow, crash.",
            { Step: { } step } when step != FaultRule.Broker && !Steps(flow).Contains(step) =>
                $"Flow '{flow.Name}' asks the outside at: {string.Join(", ", Steps(flow).Append(FaultRule.Broker))}.",
            _ => null,
        };
        return problem is null ? flow : throw new ProblemException(ErrorCodes.FaultInvalid, problem);
    }

    /// <summary>Where a flow reaches outside: steps, the models they ask, sinks that are no topics; of code its handler and models.</summary>
    private static List<string> Steps(FlowConfig flow) =>
    [
        .. flow.Steps.Where(step => step is InferStepConfig or UseStepConfig or RedactStepConfig { Names: not null }).Select(step => step.Name),
        .. flow.AskingSteps,
        .. flow.Models,
        .. flow.Branches.SelectMany(branch => branch.To).Where(sink => sink is not TopicSinkConfig).Select(sink => sink.Name),
    ];

    private static Task RecordAsync(HttpContext context, ProjectReleases releases, string what, FaultRule rule)
    {
        var detail = string.Create(
            CultureInfo.InvariantCulture, $"{rule.Id}: {View(rule).Kind} at {rule.Step ?? "all"} for {rule.Share:0.####%} of keys until {rule.Until:yyyy-MM-dd'T'HH:mm:ss'Z'}, {rule.Hits} hits");
        return context.RecordAsync(releases.Changes, what, $"flow {rule.Flow}", detail);
    }
}
