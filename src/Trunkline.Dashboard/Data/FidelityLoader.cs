using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on fidelity through the node's API.</summary>
internal sealed class FidelityLoader(TrunklineClient client, TimeProvider clock)
{
    /// <summary>The windows the page offers; the first is what it shows when none is asked for.</summary>
    public static readonly IReadOnlyList<string> Windows = ["24h", "1h", "7d"];

    public async Task<FidelityBoard> LoadAsync(string? since, CancellationToken cancellationToken)
    {
        var window = Windows.FirstOrDefault(known => known == since) ?? Windows[0];
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var fidelity = Loading.TryAsync(() => client.GetFidelityAsync(null, window, cancellationToken));
        return new FidelityBoard(clock.GetUtcNow(), window, await node, await fidelity);
    }
}

/// <summary>All that the page on fidelity shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Window">How far back it counts.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Fidelity">Per flow.</param>
public sealed record FidelityBoard(DateTimeOffset Now, string Window, Loaded<NodeView> Node, Loaded<FidelityList> Fidelity);
