using System.Globalization;
using System.IO.Compression;
using System.Net.Mime;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;

namespace Trunkline.Server.Api.Otlp;

/// <summary><c>POST /v1/traces</c>, <c>/v1/metrics</c>, <c>/v1/logs</c>: OTLP over HTTP, in Protobuf and in JSON.</summary>
internal static class OtlpEndpoints
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = MediaTypeNames.Application.Json;

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var signal in OtlpSignal.All)
        {
            routes.MapPost("/v1/" + signal.Name, (HttpContext context, [FromServices] RequestBody bodies, [FromServices] OtlpIntake intake) => TakeAsync(signal, context, bodies, intake))
                .WithName("take" + char.ToUpperInvariant(signal.Name[0]) + signal.Name[1..]).WithTags("telemetry")
                .WithSummary($"Takes {signal.Name} of other services: OTLP over HTTP, in Protobuf or JSON, plain or packed by gzip.")
                .Requires(Scopes.Publish);
        }
    }

    private static async Task TakeAsync(OtlpSignal signal, HttpContext context, RequestBody bodies, OtlpIntake intake)
    {
        var type = context.Request.ContentType?.Split(';')[0].Trim();
        var isJson = Json.Equals(type, StringComparison.OrdinalIgnoreCase);
        try
        {
            if (!isJson && !Protobuf.Equals(type, StringComparison.OrdinalIgnoreCase))
            {
                throw new ProblemException(ErrorCodes.RequestTypeUnsupported, $"OTLP comes as {Protobuf} or {Json}.");
            }

            using var held = await bodies.ReadAsync(context);
            var answer = intake.Take(signal, await UnpackAsync(context, held), isJson);
            await WriteAsync(context, StatusCodes.Status200OK, isJson ? OtlpAnswers.Json(signal, answer) : OtlpAnswers.Protobuf(answer), isJson);
        }
        catch (ProblemException problem)
        {
            // Clients of OTLP read errors in the form they ask in.
            if (problem.RetryAfter is { } wait)
            {
                context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            }

            await WriteAsync(context, problem.Entry.Status, isJson ? OtlpAnswers.JsonProblem(problem) : OtlpAnswers.ProtobufProblem(problem), isJson);
        }
    }

    /// <summary>The body as it was before it was packed; bounded by what comes out, whatever went in.</summary>
    private static async Task<ReadOnlyMemory<byte>> UnpackAsync(HttpContext context, RequestBody.Held held)
    {
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding is "" or "identity")
        {
            return held.Bytes.Length <= OtlpIntake.BytesMax ? held.Bytes : throw TooLarge();
        }

        if (!encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ErrorCodes.RequestEncodingUnsupported, "OTLP comes plain or packed by gzip.");
        }

        var unpacked = new MemoryStream();
        try
        {
            using var gzip = new GZipStream(new MemoryStream(held.Bytes.ToArray(), writable: false), CompressionMode.Decompress);
            var part = new byte[64 * 1024];
            while (await gzip.ReadAsync(part, context.RequestAborted) is > 0 and var length)
            {
                held.Reserve(held.Bytes.Length + unpacked.Length + length);
                unpacked.Write(part, 0, length);
                if (unpacked.Length > OtlpIntake.BytesMax)
                {
                    throw TooLarge();
                }
            }
        }
        catch (InvalidDataException failure)
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, $"The body is not what gzip made: {failure.Message}");
        }

        return unpacked.GetBuffer().AsMemory(0, (int)unpacked.Length);
    }

    private static ProblemException TooLarge() => new(ErrorCodes.RequestTooLarge, $"An OTLP request has {OtlpIntake.BytesMax} bytes at most, unpacked. Send smaller batches.");

    private static Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> body, bool isJson)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = isJson ? Json : Protobuf;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
