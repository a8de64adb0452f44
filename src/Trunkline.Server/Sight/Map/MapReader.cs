using Trunkline.Client.Api;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Releases;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Map.Neighbours;

namespace Trunkline.Server.Sight.Map;

/// <summary>Reads the map: as it is, as it was, and what is different between two times.</summary>
/// <param name="sources">What it is drawn from.</param>
/// <param name="sampler">Knows how lags stood before.</param>
/// <param name="time">The clock.</param>
internal sealed class MapReader(MapSources sources, MapSampler sampler, TimeProvider time)
{
    private const int ChangesMax = 100;

    /// <summary>The map as it is.</summary>
    /// <param name="project">The project in force.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<MapView> NowAsync(ProjectConfig project, CancellationToken cancellationToken)
    {
        var facts = await MapFacts.ReadAsync(sources.Broker, sources.Flows, project, time, cancellationToken);
        return sampler.WithTrends(FlowMap.Of(facts, new HopReading(sources.Figures.All()))) with { Revision = sources.Releases.Current };
    }

    /// <summary>The map as it was: the project in force then, with what was kept of the minutes, the hour or the day.</summary>
    public async Task<MapView> AtAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        var (from, until) = WindowOf(at, time.GetUtcNow());
        var kept = await sources.History.ReadAsync(from, until, cancellationToken);
        var (revision, project) = await InForceAsync(at, cancellationToken);
        return ServiceMap.Add(FlowMap.Of(MapFacts.Of(at, project, kept), new HopReading(kept)) with { WindowSeconds = kept.Seconds, Revision = revision }, kept);
    }

    /// <summary>A map, with what is different from an earlier one and the changes made between.</summary>
    public async Task<MapView> AgainstAsync(MapView map, DateTimeOffset against, CancellationToken cancellationToken)
    {
        var then = await AtAsync(against, cancellationToken);
        var (_, before) = await InForceAsync(against, cancellationToken);
        var (_, after) = await InForceAsync(map.At, cancellationToken);
        var (from, until) = against < map.At ? (against, map.At) : (map.At, against);
        var changes = await ChangesAsync(from, until, cancellationToken);
        return MapDifference.Of(map, then, sources.Releases.Compare(before, after)) with { Changes = changes };
    }

    /// <summary>The time figures are read over: the five minutes that end with the one asked for, like the figures of the map as it is; further back the hour or the day.</summary>
    internal static (DateTimeOffset From, DateTimeOffset Until) WindowOf(DateTimeOffset at, DateTimeOffset now)
    {
        // A minute before it is too old, so that it is not while it is read.
        var span = Enum.GetValues<FigureSpan>().FirstOrDefault(s => now - at < FigureStore.KeptFor(s) - TimeSpan.FromMinutes(10), FigureSpan.Day);
        var start = FigureStore.StartOf(span, at);
        var length = FigureStore.LengthOf(span);
        return span == FigureSpan.Minute ? (start + length - HopFigures.Window, start + length) : (start, start + length);
    }

    private async Task<(int? Revision, ProjectConfig Project)> InForceAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        // Before the first revision there was nothing to draw; the first says most of what was then to come.
        var number = Math.Max(await sources.Releases.InForceAsync(at, cancellationToken), sources.Releases.Revisions is [var first, ..] ? first.Number : 0);
        if (number == sources.Releases.Current)
        {
            return (number, sources.Releases.Running);
        }

        // A revision made in code, or whose files read no more, cannot be drawn: the one in force stands in for it.
        return (await sources.Releases.ReadAsync(number, cancellationToken))?.Config is { } project ? (number, project) : (null, sources.Releases.Running);
    }

    private async Task<IReadOnlyList<ChangeView>> ChangesAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var between = new List<ChangeView>();
        for (long? before = null; between.Count < ChangesMax;)
        {
            var page = await sources.Releases.Changes.ReadAsync(ChangeLog.PageMax, before, cancellationToken);
            between.AddRange(page.Changes.Where(c => c.At > from && c.At <= until).Select(c => new ChangeView(c.Id, c.At, c.Who, c.What, c.Target, c.From, c.To, c.Detail)));
            before = page.Before;
            if (before is null || page.Changes.Count == 0 || page.Changes[^1].At <= from)
            {
                break;
            }
        }

        return [.. between.Take(ChangesMax)];
    }
}

/// <summary>What the map is drawn from.</summary>
/// <param name="Broker">Holds the topics.</param>
/// <param name="Flows">How flows stand.</param>
/// <param name="Releases">Which project was in force when.</param>
/// <param name="Figures">The last minutes.</param>
/// <param name="History">The time before.</param>
internal sealed record MapSources(IBroker Broker, FlowSupervisor Flows, ProjectReleases Releases, HopFigures Figures, HopHistory History);
