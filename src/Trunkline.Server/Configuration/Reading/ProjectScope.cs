using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>What the readers of one project share.</summary>
/// <param name="Faults">Takes what is wrong.</param>
/// <param name="BaseDirectory">Folder relative paths are resolved against.</param>
internal sealed record ProjectScope(FaultList Faults, string BaseDirectory)
{
    /// <summary>The path as the node can open it.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, BaseDirectory);
}
