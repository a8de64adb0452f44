using System.Globalization;
using System.Text.Json;
using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Core.Errors;
using Trunkline.Server.Api.Registry;

namespace Trunkline.Server.Api.Problems;

/// <summary>Writes problem details (RFC 9457).</summary>
internal static class ProblemWriter
{
    private const string TypePrefix = "urn:trunkline:problem:";

    public static Problem Describe(ErrorEntry entry, string? detail) => new()
    {
        Type = TypePrefix + entry.Code,
        Title = entry.Text,
        Status = entry.Status,
        Detail = detail,
        Code = entry.Code,
        Remedy = entry.Remedy,
    };

    public static Task WriteFaultsAsync(HttpContext context, IReadOnlyList<Fault> faults) => WriteAsync(
        context,
        Describe(ErrorCatalog.Get(ErrorCodes.ConfigFaults), $"The project has {CountText.Of(faults.Count, "fault")}.") with
        {
            Faults = [.. faults.Select(f => new FaultView(f.Where.File, f.Where.Line, f.Code, f.Message, f.Remedy))],
        });

    public static Task WriteAsync(HttpContext context, ProblemException problem)
    {
        if (problem.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return WriteAsync(context, Describe(problem.Entry, problem.Message) with { Violations = problem.Violations });
    }

    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        // Clients of the registry know its errors only.
        var toRegistry = context.Request.Path.StartsWithSegments(RegistryAnswers.Path);
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = toRegistry ? RegistryAnswers.MediaType : "application/problem+json";
        context.Response.Headers.CacheControl = "no-store";
        var body = toRegistry
            ? RegistryAnswers.ErrorBody(problem.Status, $"{problem.Title} {problem.Detail}")
            : JsonSerializer.SerializeToUtf8Bytes(problem, ApiJson.Default.Problem);
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
