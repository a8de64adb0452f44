using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on a message's way through the node's API.</summary>
internal sealed class JourneyLoader(TrunklineClient client, TimeProvider clock)
{
    public async Task<JourneyBoard> LoadAsync(JourneyQuery query, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var journeys = query.Value.Length == 0
            ? Task.FromResult(new Loaded<JourneyList>(null, null))
            : Loading.TryAsync(() => FindAsync(query, cancellationToken));
        return new JourneyBoard(clock.GetUtcNow(), query, await node, await journeys);
    }

    /// <summary>Looks for what was asked; what may be named by anything is looked for by one after the other.</summary>
    private async Task<JourneyList> FindAsync(JourneyQuery query, CancellationToken cancellationToken)
    {
        var ways = query.By == JourneyQuery.Any ? JourneyQuery.Tried : [query.By];
        foreach (var by in ways.SkipLast(1))
        {
            try
            {
                return await client.GetJourneysAsync(by, query.Value, cancellationToken);
            }
            catch (TrunklineException none) when (none.Status == 404)
            {
                // The next name may fit; the last one says that none does.
            }
        }

        return await client.GetJourneysAsync(ways[^1], query.Value, cancellationToken);
    }
}

/// <summary>Which message the page is asked for; empty for none yet.</summary>
/// <param name="By">What names it: one of <see cref="Names"/>.</param>
/// <param name="Value">The id, key or receipt.</param>
public sealed record JourneyQuery(string By, string Value)
{
    /// <summary>It may be named by any of the others.</summary>
    public const string Any = "any";

    /// <summary>Ways to name a message, as an address names them, and as people read them.</summary>
    public static IReadOnlyList<(string By, string Shown)> Names { get; } = [(Any, "Any of these"), ("id", "Id"), ("key", "Key"), ("receipt", "Receipt of a sink")];

    /// <summary>What <see cref="Any"/> tries, in this order.</summary>
    public static IReadOnlyList<string> Tried { get; } = [.. Names.Select(name => name.By).Where(by => by != Any)];

    /// <summary>What an address asks for; what it names otherwise may be any.</summary>
    public static JourneyQuery Read(string? by, string? value) => new(Names.Any(name => name.By == by) ? by! : Any, value?.Trim() ?? "");

    /// <summary>The page that shows it.</summary>
    public string Address => $"/journey?by={By}&value={Uri.EscapeDataString(Value)}";

    /// <summary>The command that shows the same.</summary>
    public string Command => (By, Value) switch
    {
        (_, "") => "trunkline journey ID",
        ("id" or Any, _) => $"trunkline journey {ShellText.Quote(Value)}",
        _ => $"trunkline journey --{By} {ShellText.Quote(Value)}",
    };
}

/// <summary>All that the page on a message's way shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Query">What was asked for.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Journeys">The ways found.</param>
public sealed record JourneyBoard(DateTimeOffset Now, JourneyQuery Query, Loaded<NodeView> Node, Loaded<JourneyList> Journeys);
