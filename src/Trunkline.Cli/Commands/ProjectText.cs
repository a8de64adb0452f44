using Trunkline.Cli.Terminal;
using Trunkline.Core.Config;

namespace Trunkline.Cli.Commands;

/// <summary>A project's files as a node takes them.</summary>
/// <param name="Main">The file to start at.</param>
/// <param name="Files">Text by path relative to the project's folder.</param>
internal sealed record ProjectText(string Main, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>
    /// Reads it; null when it is at fault, which is said then. Variables are the node's own, so one that is unset here is no fault yet;
    /// the node tells if it lacks it too.
    /// </summary>
    public static ProjectText? Read(string path, Output output)
    {
        var load = ProjectLoading.Load(path);
        var faults = load.Faults.Where(fault => fault.Code != FaultCodes.VariableUnset).ToArray();
        if (faults.Length > 0)
        {
            Failures.Say(output, ExitCode.Usage,
                new FailureView("config.faults", $"{path} has {faults.Length} faults.", "Nothing was changed.", ProjectLoading.Views(faults)));
            return null;
        }

        return new ProjectText(Directory.Exists(path) ? "trunkline.yaml" : Path.GetFileName(path), load.Files);
    }
}
