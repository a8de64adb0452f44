using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on changes through the node's API.</summary>
internal sealed class ChangesLoader(TrunklineClient client, TimeProvider clock)
{
    /// <summary>The newest that are looked through.</summary>
    public const int ChangesMax = 500;

    public async Task<ChangesBoard> LoadAsync(string? find, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var changes = Loading.TryAsync(() => client.ListChangesAsync(ChangesMax, cancellationToken));
        return new ChangesBoard(clock.GetUtcNow(), find?.Trim() ?? "", await node, await changes);
    }
}

/// <summary>All that the page on changes shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Find">Only those that name this; empty for all.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Changes">The newest changes.</param>
public sealed record ChangesBoard(DateTimeOffset Now, string Find, Loaded<NodeView> Node, Loaded<ChangeList> Changes)
{
    /// <summary>Those asked for, newest first.</summary>
    public IReadOnlyList<ChangeView> Shown => [.. (Changes.Value?.Changes ?? []).Where(Names)];

    private bool Names(ChangeView change) =>
        Find.Length == 0 || new[] { change.Who, change.What, change.Target, change.Detail }.Any(text => text?.Contains(Find, StringComparison.OrdinalIgnoreCase) == true);
}
