using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration;

/// <summary>A consumer of a topic outside the project, and what it reads.</summary>
/// <param name="Name">Its group.</param>
/// <param name="Fields">The fields it reads: names joined by dots, <c>*</c> for every item of a list or value of a map.</param>
/// <param name="Owner">Owner's name, or null.</param>
/// <param name="Version">Its own version, or null.</param>
/// <param name="Where">Where it is written.</param>
public sealed record ReaderConfig(string Name, IReadOnlyList<string> Fields, string? Owner, string? Version, SourceLocation Where);
