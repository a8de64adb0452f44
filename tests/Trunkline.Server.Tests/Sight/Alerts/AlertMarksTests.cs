using Trunkline.Client.Api;
using Trunkline.Server.Sight.Alerts;

namespace Trunkline.Server.Tests.Sight.Alerts;

public sealed class AlertMarksTests
{
    [Fact]
    public void What_an_alert_is_about_is_in_trouble_on_the_map_whatever_its_own_figures_say()
    {
        var map = AlertMarks.On(
            new MapView(DateTimeOffset.UnixEpoch, 60, [Node("flow:a"), Node("flow:b"), Node("topic:a"), Node("model:m"), Node("sink:a/hook"), Node("flow:c", "warn", "its own")], []),
            [Alert("slo", "a", isPage: false), Alert("lag", "a", isPage: true), Alert("drift", "a", false), Alert("budget", "m", true), Alert("breaker", "a", false, "hook"), Alert("slo", "c", false), Alert("expiring", "host", true)]);
        Assert.Equal(
            [("flow:a", "bad", "lag of a"), ("flow:b", "good", null), ("topic:a", "warn", "drift of a"), ("model:m", "bad", "budget of m"), ("sink:a/hook", "warn", "breaker of a"), ("flow:c", "warn", "its own")],
            map.Nodes.Select(node => (node.Id, node.State, node.Trouble)));
    }

    private static AlertCondition Alert(string rule, string subject, bool isPage, string hop = "in") => new($"{rule}/{subject}", rule, isPage, subject, hop, $"{rule} of {subject}");

    private static MapNode Node(string id, string state = "good", string? trouble = null) =>
        new() { Id = id, Kind = id[..id.IndexOf(':', StringComparison.Ordinal)], Name = id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..], State = state, Trouble = trouble, Figures = new MapFigures() };
}
