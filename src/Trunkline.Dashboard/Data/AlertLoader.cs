using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on alerts through the node's API.</summary>
internal sealed class AlertLoader(TrunklineClient client, TimeProvider clock)
{
    private const int Shown = 100;
    private const int Weeks = 8;

    public async Task<AlertBoard> LoadAsync(CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var alerts = Loading.TryAsync(() => client.Alerts.ListAsync(Shown, cancellationToken));
        var trends = Loading.TryAsync(() => client.Alerts.TrendsAsync(Weeks, null, cancellationToken));
        return new AlertBoard(clock.GetUtcNow(), await node, await alerts) { Trends = await trends };
    }
}

/// <summary>All that the page on alerts shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Alerts">The alerts.</param>
public sealed record AlertBoard(DateTimeOffset Now, Loaded<NodeView> Node, Loaded<AlertList> Alerts)
{
    /// <summary>How incidents went, week by week.</summary>
    public Loaded<IncidentTrends> Trends { get; init; } = new(null, null);

    /// <summary>What came of a form; null if none was sent.</summary>
    public Notice? Notice { get; init; }
}
