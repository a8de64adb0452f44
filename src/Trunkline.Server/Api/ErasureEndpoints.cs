using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Erasure;

namespace Trunkline.Server.Api;

/// <summary>Erases all that belongs to a key, an id or a tenant, and gives the proof.</summary>
internal static class ErasureEndpoints
{
    private const int RequestBytesMax = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/erasures", StartAsync).WithName("startErasure").WithTags("erasures")
            .WithSummary("Erases all messages of a key, an id or a tenant, with all that was made of them, also from the disk.")
            .WithDescription("Goes on in the background, also over a restart; one at a time. Ask for it by its id until it is done; then that is the proof.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status409Conflict, ProblemTypes.Json)
            .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax)).Requires(Scopes.Admin);
        routes.MapGet("/api/v1/erasures/{id}", GetAsync).WithName("getErasure").WithTags("erasures")
            .WithSummary("How an erasure stands; once it is done, its proof.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Admin);
    }

    private static async Task<Accepted<ErasureStarted>> StartAsync(
        EraseRequest request, HttpContext context, [FromServices] Erasures erasures, CancellationToken cancellationToken)
    {
        var subject = Subject(request);
        try
        {
            var (id, hash, salt) = await erasures.StartAsync(subject, context.Caller().Name, cancellationToken);
            return TypedResults.Accepted($"/api/v1/erasures/{id}", new ErasureStarted(id, hash, salt));
        }
        catch (ErasureException refused)
        {
            throw new ProblemException(refused.Code, refused.Message, refused);
        }
    }

    private static async Task<Ok<ErasureView>> GetAsync(string id, [FromServices] Erasures erasures, CancellationToken cancellationToken) =>
        await erasures.FindAsync(id, cancellationToken) is { } status
            ? TypedResults.Ok(View(status))
            : throw new ProblemException(ErrorCodes.ErasureNotFound, "There is no erasure of this id.");

    private static ErasureSubject Subject(EraseRequest request)
    {
        string?[] given = [request.Key, request.KeyBase64, request.Id, request.Tenant];
        if (given.Count(text => text is not null) != 1)
        {
            throw Invalid("Name exactly one of key, keyBase64, id and tenant.");
        }

        if (request.KeyBase64 is { } base64)
        {
            var key = new byte[base64.Length];
            return Convert.TryFromBase64String(base64, key, out var length)
                ? new ErasureSubject(ErasureKind.Key, key.AsMemory(0, length))
                : throw Invalid("keyBase64 is not Base64.");
        }

        if (request.Key is { } text)
        {
            return new ErasureSubject(ErasureKind.Key, Encoding.UTF8.GetBytes(text));
        }

        // Without id or tenant is what most messages are: that is not what was meant.
        return (request.Id ?? request.Tenant) is { Length: > 0 and <= MessageId.MaxLength } named
            ? new ErasureSubject(request.Id is null ? ErasureKind.Tenant : ErasureKind.Id, Encoding.UTF8.GetBytes(named))
            : throw Invalid($"An id or tenant has 1 to {MessageId.MaxLength} characters.");
    }

    private static ErasureView View(ErasureStatus status)
    {
        var job = status.Job;
        var topics = job.Searched.Keys.Union(job.Erased.Keys).Order(StringComparer.Ordinal)
            .Select(topic => new ErasedStore(topic, "topic", job.Searched.GetValueOrDefault(topic), job.Erased.GetValueOrDefault(topic)));
        var state = job.State.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new ErasedStore(one.Key, "state", null, one.Value));
        return new ErasureView
        {
            Id = job.Id,
            State = job.Phase.ToString().ToLowerInvariant(),
            Kind = job.Kind.ToString().ToLowerInvariant(),
            RequestHash = job.RequestHash,
            Who = job.Who,
            StartedAt = job.StartedAt,
            FinishedAt = job.FinishedAt,
            Stores = [.. topics, .. state],
            Backups = job.Backups,
            Trouble = status.Trouble,
        };
    }

    private static ProblemException Invalid(string detail) => new(ErrorCodes.ErasureInvalid, detail);
}
