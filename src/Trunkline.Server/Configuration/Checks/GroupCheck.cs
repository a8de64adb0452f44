using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>Two flows in one group on one topic would take messages from each other; so would two on one HTTP path.</summary>
internal static class GroupCheck
{
    public static void Run(ProjectConfig project, FaultList faults)
    {
        var taken = new Dictionary<string, FlowConfig>(StringComparer.Ordinal);
        foreach (var flow in project.Flows.Values)
        {
            var (what, remedy) = flow.From switch
            {
                TopicSourceConfig topic => (
                    $"topic '{topic.Topic}' in group '{topic.Group}'", "Give one of them another group, so that each gets every message; or make them one flow."),
                HttpSourceConfig http => ($"path '{http.Path}'", "Give one of them another path."),
                WebSocketSourceConfig socket => ($"WebSockets at '{socket.Path}'", "Give one of them another path."),
                WebhookSourceConfig hook => ($"webhooks at '{hook.Path}'", "Give one of them another path."),
                _ => ("", ""),
            };
            if (what.Length > 0 && !taken.TryAdd(what, flow))
            {
                faults.Add(
                    flow.From.Where,
                    FaultCodes.GroupConflict,
                    $"The flows '{taken[what].Name}' and '{flow.Name}' both read {what}; each message would reach only one of them.",
                    remedy);
            }
        }
    }
}
