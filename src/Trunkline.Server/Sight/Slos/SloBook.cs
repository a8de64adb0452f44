using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Slos;

/// <summary>
/// Counts what flows with an SLO promise, from their outcomes, and keeps it: minutes for 48 hours, hours for 30 days, days for 24 months. Counting begins
/// when a flow first has an SLO. What was counted goes on where it stood after a restart, also a crash: the place in the outcomes is kept with the minute.
/// Thread-safe; callers wait for each other.
/// </summary>
internal sealed class SloBook(IBroker broker, TimeProvider time) : IDisposable
{
    /// <summary>Series at most: flows, their hops, and tenants; further ones are counted in their flow only.</summary>
    public const int SeriesMax = 5000;

    private const string Cursor = ".next/";

    private readonly SemaphoreSlim _gate = new(1);
    private readonly FigureStore _store = new(broker, "slo");
    private readonly Dictionary<string, SloSeries> _series = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SloFeed> _feeds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _cursors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SloSlicer> _slicers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<DateTimeOffset, Dictionary<string, SloCounts>> _open = [];
    private HashSet<string> _promised = [];
    private DateTimeOffset? _rolled;

    /// <summary>Counts what came since the last time, and keeps the minutes that are over.</summary>
    public async Task CatchUpAsync(ProjectConfig project, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await CountAsync(project, cancellationToken);
            await KeepAsync(FigureStore.StartOf(FigureSpan.Minute, time.GetUtcNow()), cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Counts what came, and keeps all of it, the minute that is not over too: for a node that stops.</summary>
    public async Task CloseAsync(ProjectConfig project, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await CountAsync(project, cancellationToken);
            await KeepAsync(DateTimeOffset.MaxValue, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>How every SLO of the project stands, those of tenants after their flow's.</summary>
    public async Task<IReadOnlyList<SloReport>> ReportAsync(ProjectConfig project, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await CountAsync(project, cancellationToken);
            var now = time.GetUtcNow();
            return [.. project.Flows.Values.SelectMany(flow => flow.Slo is { } slo ? Report(flow, slo, now) : [])];
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What alerts on SLOs would have done from a time on.</summary>
    /// <param name="project">The project in force.</param>
    /// <param name="tried">Its flows with an SLO, with the numbers to try.</param>
    /// <param name="from">From when; minutes are kept for 48 hours.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<SloTrial>> ReplayAsync(ProjectConfig project, IEnumerable<FlowConfig> tried, DateTimeOffset from, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await CountAsync(project, cancellationToken);
            var now = time.GetUtcNow();
            return
            [
                .. tried.SelectMany(flow => flow.Slo!.Objectives.SelectMany(objective => SeriesOf(flow, objective)
                    .Select(s => new SloReplay(flow, objective, s.Series, now).Run(s.Tenant, from)))),
            ];
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>How every promise of the project stood in a month.</summary>
    public async Task<IReadOnlyList<PromiseMonth>> PromisesAsync(ProjectConfig project, CalendarMonth month, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await CountAsync(project, cancellationToken);
            var now = time.GetUtcNow();
            return
            [
                .. project.Promises.Values.OrderBy(p => p.Name, StringComparer.Ordinal)
                    .Select(p => (Promise: p, Flow: FlowOf(project, p)))
                    .Select(p => PromiseMonth.Of(
                        p.Promise,
                        p.Flow,
                        Of(p.Promise.ToTenant is { } tenant ? TenantSeries(p.Flow.Name, tenant) : FlowSeries(p.Flow.Name)),
                        p.Promise.ToTenant is null ? HopsOf(p.Flow.Name) : [],
                        month,
                        now)),
            ];
        }
        finally
        {
            _gate.Release();
        }
    }

    private static FlowConfig FlowOf(ProjectConfig project, PromiseConfig promise) =>
        project.Flows.Values.First(f => f.Slo?.Objectives.Any(o => o.Name == promise.Slo) == true);

    private IEnumerable<(string? Tenant, SloSeries Series)> SeriesOf(FlowConfig flow, SloObjective objective) => objective.Slices is not null ? [(null, Of(SliceSeries(objective.Name)))] :
    [
        (null, Of(FlowSeries(flow.Name))),
        .. flow.Slo!.PerTenant ? TenantsOf(flow.Name).Select(tenant => ((string?)tenant, Of(TenantSeries(flow.Name, tenant)))) : [],
    ];

    private IEnumerable<SloReport> Report(FlowConfig flow, SloConfig slo, DateTimeOffset now)
    {
        foreach (var objective in slo.Objectives)
        {
            yield return objective.Slices is null
                ? new SloReport(flow, objective, null, Of(FlowSeries(flow.Name)), now) { Hops = HopsOf(flow.Name) }
                : new SloReport(flow, objective, null, Of(SliceSeries(objective.Name)), now);
            foreach (var tenant in slo.PerTenant && objective.Slices is null ? TenantsOf(flow.Name) : [])
            {
                yield return new SloReport(flow, objective, tenant, Of(TenantSeries(flow.Name, tenant)), now);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async Task CountAsync(ProjectConfig project, CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        _promised = project.Promises.Values.Where(p => p.ToTenant is not null).Select(p => TenantSeries(FlowOf(project, p).Name, p.ToTenant!)).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _feeds.Keys.Where(flow => !Counts(project, flow)).ToArray())
        {
            _feeds.Remove(gone);
        }

        foreach (var flow in project.Flows.Values.Where(f => f.Slo is not null))
        {
            if (!_feeds.TryGetValue(flow.Name, out var feed))
            {
                var next = _cursors.TryGetValue(flow.Name, out var kept) ? kept : await SloFeed.EndAsync(broker, flow.Name, cancellationToken);
                _feeds.Add(flow.Name, feed = new SloFeed(broker, flow.Name, next));
            }

            await feed.CatchUpAsync(count => Take(flow, count), cancellationToken);
            _cursors[flow.Name] = feed.Next;
            Slice(flow);
        }
    }

    /// <summary>Counts the slices that are over.</summary>
    private void Slice(FlowConfig flow)
    {
        foreach (var objective in flow.Slo!.Objectives.Where(o => o.Slices is not null))
        {
            // What a slice is may change with the project: the key says it.
            var key = FormattableString.Invariant($"{objective.Name}/{objective.Measure}/{objective.Slices!.Length.TotalMinutes}/{objective.Slices.Target}");
            var slicer = _slicers.TryGetValue(key, out var known) ? known : _slicers[key] = new SloSlicer(objective);
            foreach (var (at, counts) in slicer.Over(Of(FlowSeries(flow.Name)), FigureStore.StartOf(FigureSpan.Minute, time.GetUtcNow())))
            {
                Take(SliceSeries(objective.Name), new SloCount(at, "", "", counts));
            }
        }
    }

    private static bool Counts(ProjectConfig project, string flow) => project.Flows.TryGetValue(flow, out var config) && config.Slo is not null;

    private void Take(FlowConfig flow, SloCount count)
    {
        Take(FlowSeries(flow.Name), count);
        Take(HopSeries(flow.Name, count.Hop), count);
        if (count.Tenant.Length > 0 && TenantSeries(flow.Name, count.Tenant) is var own && (flow.Slo!.PerTenant || _promised.Contains(own)))
        {
            Take(own, count);
        }
    }

    private void Take(string name, SloCount count)
    {
        if (_series.Count >= SeriesMax && !_series.ContainsKey(name))
        {
            return;
        }

        Of(name).Count(count.At, count.Counts);
        var minute = FigureStore.StartOf(FigureSpan.Minute, count.At);
        if (!_open.TryGetValue(minute, out var counts))
        {
            _open.Add(minute, counts = new Dictionary<string, SloCounts>(StringComparer.Ordinal));
        }

        counts[name] = counts.GetValueOrDefault(name) + count.Counts;
    }

    /// <summary>Keeps the minutes before a time; the last one carries the places everything was counted up to, so they are right only together.</summary>
    private async Task KeepAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var over = _open.Keys.TakeWhile(minute => minute < before).ToList();
        if (over.Count > 0)
        {
            // A place may lie in a minute that is not over: all that was counted is kept then, and the rest of that minute as another slot of it.
            var minutes = _open.Select(m => new FigureSlot(FigureSpan.Minute, m.Key, m.Value.ToDictionary(v => v.Key, v => v.Value.Value, StringComparer.Ordinal))).ToList();
            var cursors = _cursors.Select(c => KeyValuePair.Create(Cursor + c.Key, FigureValue.Of(c.Value)));
            minutes[^1] = minutes[^1] with { Values = minutes[^1].Values.Concat(cursors).ToDictionary(StringComparer.Ordinal) };
            await _store.AddAsync(minutes, now, cancellationToken);
            _open.Clear();
        }

        if (_rolled is { } rolled && FigureStore.StartOf(FigureSpan.Hour, now) > FigureStore.StartOf(FigureSpan.Hour, rolled))
        {
            foreach (var series in _series.Values)
            {
                series.Roll(rolled, now);
            }
        }

        _rolled = now;
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_rolled is not null)
        {
            return;
        }

        var now = time.GetUtcNow();
        foreach (var span in Enum.GetValues<FigureSpan>())
        {
            foreach (var slot in await _store.ReadAsync(span, now - FigureStore.KeptFor(span), DateTimeOffset.MaxValue, cancellationToken))
            {
                foreach (var (name, value) in slot.Values)
                {
                    if (!name.StartsWith(Cursor, StringComparison.Ordinal))
                    {
                        Of(name).Add(span, slot.Start, SloCounts.Of(value));
                    }
                    else if (span == FigureSpan.Minute)
                    {
                        _cursors[name[Cursor.Length..]] = value.Counts[0];
                    }
                }
            }
        }

        // Hours that ended while the node was away are not added up yet.
        foreach (var series in _series.Values)
        {
            series.Roll(now - FigureStore.KeptFor(FigureSpan.Minute) + FigureStore.LengthOf(FigureSpan.Hour), now);
        }

        _rolled = now;
    }

    private SloSeries Of(string name) => _series.TryGetValue(name, out var series) ? series : _series[name] = new SloSeries();

    private List<string> TenantsOf(string flow)
    {
        var prefix = TenantSeries(flow, "");
        return [.. _series.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]).Order(StringComparer.Ordinal)];
    }

    private List<(string Hop, SloSeries Series)> HopsOf(string flow)
    {
        var prefix = HopSeries(flow, "");
        return [.. _series.Where(s => s.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(s => (s.Key[prefix.Length..], s.Value))];
    }

    private static string FlowSeries(string flow) => "f/" + flow;

    private static string TenantSeries(string flow, string tenant) => $"t/{flow}/{tenant}";

    private static string SliceSeries(string objective) => "s/" + objective;

    private static string HopSeries(string flow, string hop) => $"h/{flow}/{hop}";
}
