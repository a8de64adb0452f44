using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>Two sinks at one path: a client could follow only one of them.</summary>
internal static class LiveCheck
{
    public static void Run(ProjectConfig project, FaultList faults)
    {
        var taken = new Dictionary<(LiveKind, string), SourceLocation>();
        foreach (var sink in project.Flows.Values.SelectMany(flow => flow.Branches).SelectMany(branch => branch.To).OfType<LiveSinkConfig>())
        {
            if (!taken.TryAdd((sink.Live, sink.Path), sink.Where))
            {
                faults.Add(
                    sink.Where,
                    FaultCodes.GroupConflict,
                    $"The path '{sink.Path}' of {sink.Kind} has a sink already, in {taken[(sink.Live, sink.Path)]}.",
                    "Give one of them another path.");
            }
        }
    }
}
