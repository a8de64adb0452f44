using System.Globalization;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on critical paths through the node's API.</summary>
internal sealed class PathLoader(TrunklineClient client, TimeProvider clock)
{
    private const double Hours = 1;

    public async Task<PathBoard> LoadAsync(string? flow, string? owner, string? factor, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var flows = await Loading.TryAsync(() => client.ListFlowsAsync(cancellationToken));
        var names = (flows.Value?.Flows ?? []).Select(f => f.Name).ToList();
        var asked = string.IsNullOrEmpty(flow) ? names.FirstOrDefault() : flow;
        var times = double.TryParse(factor, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var told) ? told : 0.5;
        IReadOnlyList<string> whatIf = string.IsNullOrEmpty(owner) ? [] : [string.Create(CultureInfo.InvariantCulture, $"{owner}={times}")];
        var path = asked is null ? new Loaded<PathView>(null, flows.Trouble) : await PathAsync(asked, whatIf, cancellationToken);
        return new PathBoard(clock.GetUtcNow(), asked ?? "", names, await node, path) { Owner = owner, Factor = times };
    }

    /// <summary>That there is no trace yet is no trouble: the page says how there come to be some.</summary>
    private async Task<Loaded<PathView>> PathAsync(string flow, IReadOnlyList<string> whatIf, CancellationToken cancellationToken)
    {
        try
        {
            return new Loaded<PathView>(await client.Traces.PathAsync(flow, whatIf, Hours, cancellationToken), null);
        }
        catch (TrunklineException none) when (none.Code == "path.no-traces")
        {
            return new Loaded<PathView>(null, null);
        }
        catch (Exception trouble) when (trouble is TrunklineException or NodeUnreachableException)
        {
            return await Loading.TryAsync<PathView>(() => Task.FromException<PathView>(trouble));
        }
    }
}

/// <summary>All that the page on critical paths shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Flow">The flow that is asked about; empty if there is none.</param>
/// <param name="Flows">All flows.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Path">Its critical paths.</param>
public sealed record PathBoard(DateTimeOffset Now, string Flow, IReadOnlyList<string> Flows, Loaded<NodeView> Node, Loaded<PathView> Path)
{
    /// <summary>Whose other time is asked for; null if nobody's.</summary>
    public string? Owner { get; init; }

    /// <summary>The factor of that time.</summary>
    public double Factor { get; init; } = 0.5;
}
