using Trunkline.Client.Api;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Map;

/// <summary>How a node of the map stood over some time, as the means of what was seen every few seconds. What adds up is kept; see <see cref="Counts"/>.</summary>
internal sealed record NodeStanding
{
    private const string Series = "standing";

    // What each of the kept counts is. Stored: they never change.
    private enum Place
    {
        Samples, Held, Messages, Lagging, LagMessages, LagMs, ParkedKeys, Delayed, Warned, Bad,
    }

    private readonly long[] _counts;

    private NodeStanding(long[] counts) => _counts = counts;

    /// <summary>Times it was looked at.</summary>
    public long Samples => this[Place.Samples];

    /// <summary>What is kept: sums over all looks.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    private long this[Place place] => _counts[(int)place];

    /// <summary>One look at a node; null if there is nothing to see but its figures.</summary>
    public static NodeStanding? Of(MapNode node)
    {
        var figures = node.Figures;
        if (node.State == "good" && figures is { Messages: null, LagMessages: null, ParkedKeys: null or 0, Delayed: null or 0 })
        {
            return null;
        }

        var counts = new long[Enum.GetValues<Place>().Length];
        counts[(int)Place.Samples] = 1;
        counts[(int)Place.Held] = figures.Messages is null ? 0 : 1;
        counts[(int)Place.Messages] = figures.Messages ?? 0;
        counts[(int)Place.Lagging] = figures.LagMessages is null ? 0 : 1;
        counts[(int)Place.LagMessages] = figures.LagMessages ?? 0;
        counts[(int)Place.LagMs] = (long)((figures.LagSeconds ?? 0) * 1000);
        counts[(int)Place.ParkedKeys] = figures.ParkedKeys ?? 0;
        counts[(int)Place.Delayed] = figures.Delayed ?? 0;
        counts[(int)Place.Warned] = node.State == "warn" ? 1 : 0;
        counts[(int)Place.Bad] = node.State == "bad" ? 1 : 0;
        return new NodeStanding(counts);
    }

    /// <summary>What was kept of a node; null if nothing was.</summary>
    public static NodeStanding? Read(KeptHops kept, string node) =>
        kept.CountsOf(KeyOf(node)) is { Count: var count } counts && count == Enum.GetValues<Place>().Length && counts[(int)Place.Samples] > 0 ? new NodeStanding([.. counts]) : null;

    /// <summary>The series a node's standing is kept in.</summary>
    public static FigureKey KeyOf(string node) => new(Series, node);

    /// <summary>The node as it stood.</summary>
    public MapNode On(MapNode node)
    {
        var troubled = this[Place.Bad] + this[Place.Warned];
        return node with
        {
            State = this[Place.Bad] > 0 ? "bad" : troubled > 0 ? "warn" : node.State,
            Trouble = troubled > 0 ? FormattableString.Invariant($"in trouble at {troubled} of {Samples} looks") : node.Trouble,
            Figures = node.Figures with
            {
                Messages = Mean(Place.Messages, this[Place.Held]),
                LagMessages = Mean(Place.LagMessages, this[Place.Lagging]),
                LagSeconds = this[Place.Lagging] == 0 ? null : this[Place.LagMs] / 1000.0 / this[Place.Lagging],
                ParkedKeys = Mean(Place.ParkedKeys, Samples),
                Delayed = Mean(Place.Delayed, Samples),
            },
        };
    }

    private long? Mean(Place place, long of) => of == 0 ? null : (long)Math.Round((double)this[place] / of);
}
