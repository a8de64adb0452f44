using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration.Grammar;
using Trunkline.Server.Readers;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Api;

/// <summary>Who reads what of topics, and what a schema would break.</summary>
internal static class ContractEndpoints
{
    private const int FieldsMax = 1000;
    private const int TextLengthMax = 256;
    private const int ReasonLengthMax = 1000;
    private const int RequestBytesMax = 11 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/contracts/readers", ListAsync).WithName("listReaders").WithTags("contracts").WithSummary("Who reads which fields of a topic, or of all.")
            .WithDescription("Flows are learned from their expressions and templates, groups from the project and from what they told. Deployments are changes called deployment with target APP@ENVIRONMENT.")
            .Requires(Scopes.Read);
        routes.MapPost("/api/v1/topics/{topic}/groups/{group}/reads", DeclareAsync).WithName("declareReader").WithTags("contracts")
            .WithSummary("A group says which fields it reads, in place of what it said before.")
            .WithMetadata(new RequestSizeLimitAttribute(1024 * 1024)).ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapPost("/api/v1/contracts/approvals", ApproveAsync).WithName("approveSchema").WithTags("contracts")
            .WithSummary("An owner approves a schema that breaks readers; where the project's policies say breaking: approved, it is registered only then.")
            .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax)).ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json)
            .ProducesProblem(StatusCodes.Status403Forbidden, ProblemTypes.Json).Requires(Scopes.Publish);
        routes.MapPost("/api/v1/contracts/impact", ImpactAsync).WithName("impact").WithTags("contracts").WithSummary("What a schema would do to those who read messages of a subject.")
            .WithDescription("Compares it with the newest version of the subject; without a schema, tells who reads. Stores nothing.")
            .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax)).ProducesProblem(StatusCodes.Status422UnprocessableEntity, ProblemTypes.Json).Requires(Scopes.Read);
    }

    private static async Task<Created<ChangeView>> ApproveAsync(ApproveSchemaRequest request, HttpContext context, [FromServices] ReaderCatalog catalog)
    {
        if (request is not { Subject.Length: > 0 and <= TextLengthMax, Schema.Length: > 0, Owner.Length: > 0 } || request.Reason is { Length: > ReasonLengthMax })
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, "subject, schema and owner are given; reason is at most 1,000 characters.");
        }

        var caller = context.Caller();
        if (!caller.SpeaksFor(request.Owner))
        {
            throw new ProblemException(ErrorCodes.AuthOwnerOther, $"Token '{caller.Name}' speaks for {(caller.Owner is null ? "no owner" : $"owner '{caller.Owner}'")}.");
        }

        var change = await catalog.ApproveAsync(caller.Name, request, context.RequestAborted)
            ?? throw new ProblemException(ErrorCodes.RequestBodyInvalid, "owner is none of the project's.");
        return TypedResults.Created("/api/v1/changes", ChangeEndpoints.View(change));
    }

    private static async Task<Ok<ReaderList>> ListAsync([FromServices] ReaderCatalog catalog, CancellationToken cancellationToken, string? topic = null) =>
        TypedResults.Ok(new ReaderList([.. await catalog.ViewsAsync(reader => topic is null || reader.Topic == topic, cancellationToken)]));

    private static async Task<Ok<ReaderView>> DeclareAsync(
        string topic, string group, DeclareReaderRequest request, HttpContext context, IBroker broker, [FromServices] ReaderCatalog catalog, CancellationToken cancellationToken)
    {
        GroupEndpoints.CheckNames(topic, group);
        var problem = request switch
        {
            { Fields: not { Count: > 0 and <= FieldsMax } } => $"fields holds 1 to {FieldsMax} fields",
            _ when request.Fields.Select(field => Names.FieldProblem(field ?? "")).FirstOrDefault(fault => fault is not null) is { } fault => "a field is " + fault,
            _ when !Fits(request.Owner) || !Fits(request.Version) => $"owner and version are at most {TextLengthMax} characters without control characters",
            _ => null,
        };
        if (problem is not null)
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, problem + ".");
        }

        // A group may say so before it reads, but not of a topic that is not there.
        await broker.DescribeTopicAsync(topic, cancellationToken);
        var entry = new ReaderEntry { Fields = [.. request.Fields.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], Owner = request.Owner, Version = request.Version };
        return await catalog.DeclareAsync(context.Caller().Name, (topic, group), entry, cancellationToken) is { } view
            ? TypedResults.Ok(view)
            : throw new ProblemException(ErrorCodes.RequestBodyInvalid, $"{ReaderBook.ReadersMax} groups have said what they read; no more may.");
    }

    private static async Task<Ok<ImpactView>> ImpactAsync(ImpactRequest request, [FromServices] ReaderCatalog catalog, CancellationToken cancellationToken)
    {
        var subject = SubjectName.Parse(request.Subject ?? "");
        if (!subject.IsValid)
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, "subject is the name of a subject.");
        }

        if (request.SchemaType is { } type && SchemaFormats.Find(type) is null)
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, $"schemaType is {string.Join(", ", SchemaFormats.Names)}.");
        }

        try
        {
            var content = request.Schema is null ? null : new SchemaContent
            {
                Type = request.SchemaType ?? SchemaTypes.Avro,
                Text = request.Schema,
                References = [.. (request.References ?? []).Select(one => new SchemaReference(one.Name, one.Subject, one.Version))],
            };
            return TypedResults.Ok(await catalog.ImpactAsync(subject, content, cancellationToken));
        }
        catch (RegistryRefusal refused)
        {
            throw new ProblemException(ErrorCodes.SchemaInvalid, refused.Message);
        }
    }

    private static bool Fits(string? text) => text is null || (text.Length <= TextLengthMax && !text.Any(char.IsControl));
}
