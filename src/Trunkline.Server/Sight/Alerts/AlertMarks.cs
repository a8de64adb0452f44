using Trunkline.Client.Api;
using Trunkline.Server.Sight.Map;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>Puts the alerts that are on onto the map: what is wrong must be seen where it is, also if its own figures look well.</summary>
internal static class AlertMarks
{
    /// <summary>The map with the nodes in trouble that alerts are about.</summary>
    public static MapView On(MapView map, IEnumerable<AlertCondition> alerts)
    {
        var byPlace = alerts.OrderByDescending(alert => alert.IsPage).ToLookup(PlaceOf, StringComparer.Ordinal);
        return byPlace.Count == 0 ? map : map with { Nodes = [.. map.Nodes.Select(node => Mark(node, byPlace[node.Id].FirstOrDefault()))] };
    }

    private static MapNode Mark(MapNode node, AlertCondition? alert) => alert is null ? node : node with
    {
        State = alert.IsPage ? "bad" : node.State == "good" ? "warn" : node.State,
        Trouble = node.Trouble ?? alert.Summary,
    };

    /// <summary>The id of the node an alert is about; what is about none, such as a certificate, is nowhere on the map.</summary>
    private static string PlaceOf(AlertCondition alert) => alert.Rule switch
    {
        "budget" => MapIds.Model(alert.Subject),
        "drift" => MapIds.Topic(alert.Subject),
        "breaker" => MapIds.Sink(alert.Subject, alert.Hop),
        _ => MapIds.Flow(alert.Subject),
    };
}
