namespace Trunkline.Core.Config;

/// <summary>What a file held.</summary>
/// <param name="Root">Its root; null for an empty file.</param>
/// <param name="Complete">False if the text broke off, so that names defined further down are unknown.</param>
public sealed record YamlDocument(ConfigNode? Root, bool Complete);
