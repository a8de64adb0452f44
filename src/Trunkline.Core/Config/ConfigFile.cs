namespace Trunkline.Core.Config;

/// <summary>A file of a project, read.</summary>
/// <param name="Path">Relative to the project's folder.</param>
/// <param name="Name">The name shown.</param>
/// <param name="Text">Its text.</param>
/// <param name="Document">What it holds.</param>
public sealed record ConfigFile(string Path, string Name, string Text, YamlDocument Document);
