using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Hosting;
using Trunkline.Server.Sight.Logs;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/logs</c>: what the node logged, and what other services told it by OTLP.</summary>
internal static class LogEndpoint
{
    private const int LimitMax = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/logs", FindAsync)
        .WithName("findLogs").WithTags("sight")
        .WithSummary("What the node and the services around it logged in the last seven days, newest first: by trace, message, key, flow, owner, service, level and text.")
        .WithDescription("Lines of the node (service trunkline) hold no payloads and no keys, those of services hold what they say; a search by key compares hashes. One question looks through 100,000 lines: before leads further back. With after, lines from there on, oldest first: what follows a log asks so again and again.")
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task<Ok<LogList>> FindAsync([FromServices] LogStore store, Node node, TimeProvider time, [AsParameters] LogParameters asked, CancellationToken cancellationToken)
    {
        var limit = asked.Limit ?? 100;
        if (limit is < 1 or > LimitMax || asked.Before < 0 || asked.After < 0)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {LimitMax}; before and after are places an answer named.");
        }

        var query = QueryOf(asked, node.Project, time);
        var found = asked.After is { } after
            ? await store.FollowAsync(query, limit, after, cancellationToken)
            : await store.FindAsync(query, limit, asked.Before, cancellationToken);
        return TypedResults.Ok(new LogList([.. found.Lines.Select(l => View(l.Line, node.Project))], found.Rest, found.End));
    }

    private static LogQuery QueryOf(LogParameters asked, ProjectConfig project, TimeProvider time)
    {
        var level = asked.Level is null ? 0 : LogQuestion.Levels.ToList().IndexOf(asked.Level);
        if (level < 0)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"level is {string.Join(", ", LogQuestion.Levels)}.");
        }

        if (!DurationText.TryParse(asked.Since ?? "7d", out var since) || since <= TimeSpan.Zero || since > TimeSpan.FromDays(7))
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, "since is a duration up to 7d, such as 1h.");
        }

        return new LogQuery
        {
            Trace = asked.Trace,
            Message = asked.Message,
            KeyMark = asked.Key is { } key ? KeyMark.Of(key) : null,
            Flow = asked.Flow,
            Owner = asked.Owner,
            Owned = asked.Owner is null ? new HashSet<string>() : project.Flows.Values.Where(f => f.Owner == asked.Owner).Select(f => f.Name).ToHashSet(StringComparer.Ordinal),
            Service = asked.Service,
            Text = asked.Text,
            Least = LogLevel.Debug + level,
            Since = time.GetUtcNow() - since,
        };
    }

    private static LogLineView View(LogLine line, ProjectConfig project) => new(line.At, line.Level.ToString().ToLowerInvariant(), line.Category, line.Text)
    {
        Flow = line.Flow,
        Owner = (line.Flow is null ? null : project.Flows.GetValueOrDefault(line.Flow)?.Owner) ?? line.Owner,
        Message = line.Message,
        Trace = line.Trace,
        Service = line.Service,
    };
}

/// <summary>What <c>GET /api/v1/logs</c> may be asked.</summary>
internal sealed record LogParameters(
    string? Trace = null, string? Message = null, string? Key = null, string? Flow = null, string? Owner = null, string? Service = null, string? Text = null, string? Level = null,
    string? Since = null, int? Limit = null, long? Before = null, long? After = null);
