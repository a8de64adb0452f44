using System.Text.Json;
using Microsoft.Extensions.Logging;
using Trunkline.Core.Errors;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Api.Problems;

/// <summary>
/// The outermost step: whatever goes wrong in a request leaves as a problem of the catalogue, and what nobody foresaw as
/// <c>request.failed</c> with a trace id that the log has too.
/// </summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            await DescribeBareStatusAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away: nobody is left to answer.
            Log.ClientLeft(logger, context.TraceIdentifier);
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            // The boundary between the node and the network: nothing may leave it undescribed.
            await WriteAsync(context, failure);
        }
    }

    private async Task WriteAsync(HttpContext context, Exception failure)
    {
        var problem = failure switch
        {
            ProblemException known => known,
            BrokerException broker => BrokerProblems.From(broker),
            BadHttpRequestException bad => FromBadRequest(bad),
            _ => Unforeseen(context, failure),
        };
        ApiMeter.Refused(problem.Entry.Code);
        context.Response.Clear();
        await ProblemWriter.WriteAsync(context, problem);
    }

    private ProblemException Unforeseen(HttpContext context, Exception failure)
    {
        Log.RequestFailed(logger, context.TraceIdentifier, context.Request.Method, failure);
        return new ProblemException(ErrorCodes.RequestFailed, $"Trace id {context.TraceIdentifier}.", failure);
    }

    private static ProblemException FromBadRequest(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => new(ErrorCodes.RequestTooLarge, "The body exceeds the node's bound on one request.", bad),
        StatusCodes.Status408RequestTimeout => new(ErrorCodes.RequestTimeout, "The body came too slowly.", bad),
        StatusCodes.Status415UnsupportedMediaType => new(ErrorCodes.RequestTypeUnsupported, "This address takes application/json.", bad),
        _ when bad.InnerException is JsonException json => new(ErrorCodes.RequestBodyInvalid, Where(json), bad),
        _ => new(ErrorCodes.RequestMalformed, bad.Message, bad),
    };

    // The exception's own text may quote the body.
    private static string Where(JsonException json) => FormattableString.Invariant(
        $"The body does not fit at {(string.IsNullOrEmpty(json.Path) ? "$" : json.Path)}, line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}.");

    private static Task DescribeBareStatusAsync(HttpContext context)
    {
        if (context.Response.HasStarted || context.Response.ContentType is not null || context.Response.ContentLength > 0)
        {
            return Task.CompletedTask;
        }

        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ProblemWriter.WriteAsync(context, new ProblemException(ErrorCodes.RequestNotFound, "No address of this node matches the path.")),
            StatusCodes.Status405MethodNotAllowed => ProblemWriter.WriteAsync(context, new ProblemException(ErrorCodes.RequestMethodNotAllowed, $"Allowed here: {context.Response.Headers.Allow}.")),
            StatusCodes.Status415UnsupportedMediaType => ProblemWriter.WriteAsync(context, new ProblemException(ErrorCodes.RequestTypeUnsupported, "This address takes application/json.")),
            _ => Task.CompletedTask,
        };
    }
}
