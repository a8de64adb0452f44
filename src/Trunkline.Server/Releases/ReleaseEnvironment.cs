using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Releases;

/// <summary>
/// Puts a project to work as a revision: as a whole, or throws and leaves what ran before running.
/// </summary>
internal delegate Task ActivateRevision(ProjectConfig project, int revision, CancellationToken cancellationToken);

/// <summary>Reads a project from files as text.</summary>
internal delegate ProjectLoad LoadProject(RevisionFiles files);

/// <summary>A project's files as text.</summary>
/// <param name="Main">The file to start at.</param>
/// <param name="Files">Text by path relative to the project's folder.</param>
internal sealed record RevisionFiles(string Main, IReadOnlyDictionary<string, string> Files);

/// <summary>What releases need of the node.</summary>
internal sealed record ReleaseEnvironment
{
    /// <summary>Holds revisions and changes.</summary>
    public required IBroker Broker { get; init; }

    /// <summary>Puts a project to work.</summary>
    public required ActivateRevision Activate { get; init; }

    /// <summary>Reads projects, with the node's variables and folder.</summary>
    public required LoadProject Load { get; init; }

    /// <summary>Hash of a model file's content, or null if there is none. Default: SHA-256 of the file.</summary>
    public Func<string, string?> FileHash { get; init; } = FileHashes.Sha256;

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where releases are logged.</summary>
    public required ILogger Log { get; init; }
}
