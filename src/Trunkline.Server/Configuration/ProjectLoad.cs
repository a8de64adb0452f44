using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration;

/// <summary>What loading a project gave: a project, or every fault found.</summary>
/// <param name="Config">The project; null if there is any fault.</param>
/// <param name="Faults">The faults by file and line; empty if there is a project.</param>
/// <param name="Files">The text of every file read, by path relative to the project's folder.</param>
public sealed record ProjectLoad(ProjectConfig? Config, IReadOnlyList<Fault> Faults, IReadOnlyDictionary<string, string> Files);
