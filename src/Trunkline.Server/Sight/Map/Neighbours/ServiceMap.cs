using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Map.Neighbours;

/// <summary>Draws services the node does not run, from the spans they sent, into its map. For one map.</summary>
internal sealed class ServiceMap
{
    /// <summary>Services and other ends at most; what comes on top is one node.</summary>
    public const int NodesMax = 500;

    // Below this it is worth a word: some ends of any system send no traces.
    private const double CoverageWarn = 0.9;

    // Of longer names of both ends nothing is kept: what keeps figures takes 4,096 bytes.
    private const int NamesMax = 1000;

    private readonly MapView _map;
    private readonly HashSet<string> _known;
    private readonly Dictionary<string, MapNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string From, string To), ServiceEdge> _edges = [];
    private readonly Dictionary<string, ServiceCoverage> _coverage = new(StringComparer.Ordinal);

    private ServiceMap(MapView map)
    {
        _map = map;
        _known = map.Nodes.Select(n => n.Id).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The map with the services in it.</summary>
    /// <param name="map">The node's own.</param>
    /// <param name="spans">Spans of the time the map is of.</param>
    /// <param name="figures">What services measured of themselves in that time; null for nothing.</param>
    public static MapView Add(MapView map, IReadOnlyList<TraceSpan> spans, IHopFigures? figures = null)
    {
        var drawn = new ServiceMap(map);
        if (spans.Any(s => s.Service != KeptSpans.Service))
        {
            drawn.Draw(ServicePairs.Of(spans), _ => true);
        }

        return drawn.View(figures is null ? new Dictionary<string, ServiceRequests>() : ServiceRequests.Of(figures));
    }

    /// <summary>The map of a time before with the services that were kept of it.</summary>
    public static MapView Add(MapView map, KeptHops kept)
    {
        var drawn = new ServiceMap(map);
        foreach (var (key, hop) in kept.Of(ServiceFigures.Hop).Where(h => h.Value.Counts.Length >= 3))
        {
            drawn.Edge(drawn.Node(key.Of), drawn.Node(key.Hop), key.Outcome).Add(hop.Counts, hop.Times ?? LatencySketch.None, kept.TimesOf(key with { Instrument = ServiceFigures.Wait }));
        }

        foreach (var (key, counts) in kept.Of(ServiceFigures.Coverage).Where(c => c.Value.Counts.Length >= 3))
        {
            drawn._coverage[key.Of] = new ServiceCoverage(counts.Counts[0], counts.Counts[1], counts.Counts[2]);
        }

        return drawn.View(ServiceRequests.Of(kept));
    }

    /// <summary>Gives out what is kept of services, so that the map of their time can be drawn later.</summary>
    /// <param name="map">The node's own map.</param>
    /// <param name="spans">Spans, also of hand-overs whose other half ended before or after.</param>
    /// <param name="isIn">Whether a hand-over that ends in this span is of the time to be kept.</param>
    /// <param name="keep">Keeps it.</param>
    public static void Keep(MapView map, IReadOnlyList<TraceSpan> spans, Func<TraceSpan, bool> isIn, Action<FigureKey, FigureValue> keep)
    {
        var drawn = new ServiceMap(map);
        drawn.Draw(ServicePairs.Of(spans), isIn);
        foreach (var ((from, to), edge) in drawn._edges.Where(e => e.Key.From.Length + e.Key.To.Length <= NamesMax))
        {
            var (hop, wait) = edge.Kept();
            keep(new FigureKey(ServiceFigures.Hop, from, to, edge.Kind), hop);
            keep(new FigureKey(ServiceFigures.Wait, from, to, edge.Kind), wait);
        }

        foreach (var (id, covered) in drawn._coverage)
        {
            keep(new FigureKey(ServiceFigures.Coverage, id), FigureValue.Of(covered.Whole, covered.WithoutGiver, covered.WithoutTaker));
        }
    }

    private void Draw(ServicePairs pairs, Func<TraceSpan, bool> isIn)
    {
        foreach (var pair in pairs.Pairs.Where(p => isIn(p.To)))
        {
            var (from, to) = (GiverOf(pair.From), TakerOf(pair.To));
            if (from is null || to is null)
            {
                continue;
            }

            if (pair.To.Role == SpanRole.Consumer && QueueOf(pair.To) is { } queue && pair.To.Service != KeptSpans.Service)
            {
                if (from != queue)
                {
                    Edge(from, queue, "publish").Add(pair with { To = pair.From });
                }

                Edge(queue, to, "consume").Add(pair);
            }
            else
            {
                Edge(from, to, KindOf(pair.To)).Add(pair);
            }

            Covered(pair.From, new ServiceCoverage(1, 0, 0));
            Covered(pair.To, new ServiceCoverage(1, 0, 0));
        }

        foreach (var half in pairs.WithoutGiver.Where(isIn))
        {
            var to = TakerOf(half)!;
            var from = half.Role == SpanRole.Consumer && QueueOf(half) is { } queue ? queue : Node(ServiceNodes.Callers);
            Edge(from, to, half.Role == SpanRole.Consumer ? "consume" : "call").AddHalf(half);
            Covered(half, new ServiceCoverage(0, 1, 0));
        }

        foreach (var half in pairs.WithoutTaker.Where(isIn))
        {
            var (to, kind, isEnd) = EndOf(half);
            Edge(GiverOf(half)!, to, kind).AddHalf(half);
            if (!isEnd)
            {
                Covered(half, new ServiceCoverage(0, 0, 1));
            }
        }
    }

    /// <summary>Where a call goes that nobody who sends traces took; whether that is as it should be.</summary>
    private (string Id, string Kind, bool IsEnd) EndOf(TraceSpan half)
    {
        if (half[SpanNames.GenAiModel] is { } model)
        {
            var provider = half[SpanNames.GenAiProvider] ?? half["gen_ai.system"] ?? "unknown";
            return (Node(ServiceNodes.Model(provider, model)), "infer", true);
        }

        if (QueueOf(half) is { } queue)
        {
            return (queue, "publish", false);
        }

        if ((half["db.system.name"] ?? half["db.system"]) is { } database)
        {
            var name = half["db.namespace"] ?? half["db.name"] ?? half["server.address"];
            return (Node(ServiceNodes.Database(database, name)), "call", true);
        }

        return (half["server.address"] ?? half["peer.service"] ?? half["net.peer.name"]) is { } address
            ? (Node(ServiceNodes.External(address)), "call", false)
            : (Node(ServiceNodes.Called), "call", false);
    }

    private string? GiverOf(TraceSpan span)
    {
        if (span.Service != KeptSpans.Service)
        {
            return Service(span);
        }

        return span.Name.Split(' ', 2) switch
        {
            [SpanNames.Deliver, var sink] when _map.Nodes.FirstOrDefault(n => n.Kind == "sink" && n.Id.EndsWith("/" + sink, StringComparison.Ordinal)) is { } node => node.Id,
            [SpanNames.Send, var topic] => Known(MapIds.Topic(topic)),
            [SpanNames.Process, _] when span[SpanNames.Flow] is { } flow => Known(MapIds.Flow(flow)),
            _ => null,
        };
    }

    private string? TakerOf(TraceSpan span) => span.Service != KeptSpans.Service ? Service(span)
        : span.Name.StartsWith(SpanNames.Send + " ", StringComparison.Ordinal) ? Known(MapIds.Topic(span.Name[(SpanNames.Send.Length + 1)..]))
        : span[SpanNames.Flow] is { } flow ? Known(MapIds.Flow(flow)) : null;

    /// <summary>The topic or queue a span is about: the node's own, where it has one of that name.</summary>
    private string? QueueOf(TraceSpan span) => span[SpanNames.Destination] is not { } name ? null
        : Known(MapIds.Topic(name)) ?? Node(ServiceNodes.Queue(span[SpanNames.System] ?? "unknown", name));

    private static string KindOf(TraceSpan taker) => taker.Service == KeptSpans.Service ? "publish" : taker.Role == SpanRole.Consumer ? "consume" : "call";

    private string Service(TraceSpan span) => Node(ServiceNodes.Service(span.Service));

    private string? Known(string id) => _known.Contains(id) ? id : null;

    private string Node(string id)
    {
        if (_known.Contains(id) || _nodes.ContainsKey(id))
        {
            return id;
        }

        var node = _nodes.Count < NodesMax ? ServiceNodes.Of(id) : ServiceNodes.Of(ServiceNodes.Rest);
        _nodes.TryAdd(node.Id, node);
        return node.Id;
    }

    private ServiceEdge Edge(string from, string to, string kind)
    {
        if (!_edges.TryGetValue((from, to), out var edge))
        {
            _edges.Add((from, to), edge = new ServiceEdge(from, to, kind));
        }

        return edge;
    }

    private void Covered(TraceSpan span, ServiceCoverage more)
    {
        if (span.Service != KeptSpans.Service)
        {
            var id = Service(span);
            _coverage[id] = _coverage.GetValueOrDefault(id, ServiceCoverage.None) + more;
        }
    }

    private MapView View(IReadOnlyDictionary<string, ServiceRequests> requests)
    {
        foreach (var service in requests.Keys)
        {
            Node(service);
        }

        var edges = _edges.Values.Select(e => e.View(_map.WindowSeconds)).ToList();
        var skewed = edges.Where(e => e.Figures.SkewMs is not null).ToLookup(e => e.To, StringComparer.Ordinal);
        var nodes = _nodes.Values.Select(node => With(node, edges.Where(e => e.To == node.Id || e.From == node.Id).ToList(), skewed[node.Id].FirstOrDefault(), requests.GetValueOrDefault(node.Id)));
        return _map with
        {
            Nodes = [.. _map.Nodes.Concat(nodes).OrderBy(n => n.Id, StringComparer.Ordinal)],
            Edges = [.. _map.Edges.Concat(edges).DistinctBy(e => e.Id).OrderBy(e => e.Id, StringComparer.Ordinal)],
        };
    }

    private MapNode With(MapNode node, List<MapEdge> edges, MapEdge? skewed, ServiceRequests? requests)
    {
        var covered = _coverage.GetValueOrDefault(node.Id, ServiceCoverage.None);
        var failing = edges.Where(e => e.To == node.Id && e.Figures.ErrorShare >= FlowMap.ErrorsWarn).MaxBy(e => e.Figures.ErrorShare);
        var trouble = new List<string>();
        if (failing is not null)
        {
            trouble.Add(string.Create(CultureInfo.InvariantCulture, $"{failing.Figures.ErrorShare * 100:0.#} % of {failing.Kind}s from {failing.From} failed"));
        }
        else if (requests?.ErrorShare >= FlowMap.ErrorsWarn)
        {
            trouble.Add(string.Create(CultureInfo.InvariantCulture, $"{requests.ErrorShare * 100:0.#} % of what it was asked failed, as it says itself"));
        }

        if (covered.Halves > 0 && covered.Share < CoverageWarn)
        {
            trouble.Add(string.Create(CultureInfo.InvariantCulture, $"{covered.Halves} of {covered.Whole + covered.Halves} hand-overs have one half only: {covered.Cause}"));
        }

        if (skewed is not null)
        {
            trouble.Add(string.Create(CultureInfo.InvariantCulture, $"its clock is off by about {skewed.Figures.SkewMs:0.#} ms, seen from {skewed.From}"));
        }

        var figures = node.Figures with { PerSecond = edges.Where(e => e.To == node.Id).Sum(e => e.Figures.PerSecond), Coverage = covered.Share };
        return node with
        {
            State = trouble.Count > 0 && node.Kind == "service" ? "warn" : "good",
            Trouble = trouble.Count == 0 ? null : string.Join("; ", trouble),
            Figures = requests?.On(figures, _map.WindowSeconds) ?? figures,
        };
    }
}
