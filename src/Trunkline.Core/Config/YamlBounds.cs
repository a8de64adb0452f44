namespace Trunkline.Core.Config;

/// <summary>How large a configuration may be. Whatever passes a bound is a fault, never cut.</summary>
public sealed record YamlBounds
{
    /// <summary>Characters of one file. Default 1 Mi.</summary>
    public int FileCharactersMax { get; init; } = 1024 * 1024;

    /// <summary>Characters of all files of a project together. Default 4 Mi.</summary>
    public int ProjectCharactersMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Levels of nesting. Default 32.</summary>
    public int DepthMax { get; init; } = 32;

    /// <summary>Nodes of one file with every alias written out. Default 100,000.</summary>
    public int NodesMax { get; init; } = 100_000;

    /// <summary>Files of one project. Default 256.</summary>
    public int FilesMax { get; init; } = 256;
}
