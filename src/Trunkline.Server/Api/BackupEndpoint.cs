using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Brokers.Embedded;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Api;

/// <summary>Backups of a running node. Restoring is for a stopped one, so it is not here.</summary>
internal static class BackupEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/backups", BackupAsync).WithName("backup").WithTags("node")
            .WithSummary("Takes a backup of the store into a new folder on the node's machine; the node goes on.").Requires(Scopes.Admin);

    private static async Task<Ok<BackupView>> BackupAsync(
        BackupRequest request, HttpContext context, [FromServices] IBroker broker, [FromServices] ProjectReleases releases)
    {
        if (broker is not EmbeddedBroker store)
        {
            throw new ProblemException(ErrorCodes.BrokerNotSupported, $"A broker of kind {broker.Kind} has no store of this node's to take a backup of.");
        }

        if (!Path.IsPathFullyQualified(request.Directory) || request.Directory.Contains('\0', StringComparison.Ordinal))
        {
            throw new ProblemException(ErrorCodes.BackupDirectoryInvalid, "'directory' is not an absolute path.");
        }

        if (Path.Exists(request.Directory))
        {
            throw new ProblemException(ErrorCodes.BackupDirectoryInvalid, "'directory' exists already.");
        }

        // Once begun it is not left half done because a caller went away.
        var note = await store.BackupAsync(request.Directory, CancellationToken.None);
        await context.RecordAsync(releases.Changes, "backup", "node", request.Directory);
        return TypedResults.Ok(new BackupView(request.Directory, note.TakenAt, note.Sequence, note.Topics, note.Messages));
    }
}
