using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on what runs through the node's API.</summary>
internal sealed class CatalogLoader(TrunklineClient client, TimeProvider clock)
{
    public async Task<CatalogBoard> LoadAsync(string? find, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var catalog = await Loading.TryAsync(() => client.Contracts.CatalogAsync(cancellationToken));
        return new CatalogBoard(clock.GetUtcNow(), find ?? "", await node, catalog);
    }
}

/// <summary>All that the page on what runs shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Find">What names, subjects and owners hold that are shown; empty for all.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Catalog">What runs.</param>
public sealed record CatalogBoard(DateTimeOffset Now, string Find, Loaded<NodeView> Node, Loaded<CatalogView> Catalog)
{
    /// <summary>What is shown of it; null if it could not be read.</summary>
    public CatalogView? Shown => Catalog.Value is not { } all || Find.Length == 0 ? Catalog.Value : all with
    {
        Topics = [.. all.Topics.Where(topic => Holds(topic.Name, topic.Subject, topic.Owner))],
        Flows = [.. all.Flows.Where(flow => Holds(flow.Name, flow.From.Address, flow.Owner))],
        Owners = [.. all.Owners.Where(owner => Holds(owner.Name, owner.Email, owner.Chat))],
    };

    private bool Holds(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (text?.Contains(Find, StringComparison.OrdinalIgnoreCase) == true)
            {
                return true;
            }
        }

        return false;
    }
}
