using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Map.Neighbours;

/// <summary>Draws services the node does not run, from the spans they sent, into its map. For one map.</summary>
internal sealed class ServiceMap
{
    /// <summary>Services and other ends at most; what comes on top is one node.</summary>
    public const int NodesMax = 500;

    // Below this it is worth a word: some ends of any system send no traces.
    private const double CoverageWarn = 0.9;

    private const string Rest = "service:(others)";

    private readonly MapView _map;
    private readonly HashSet<string> _known;
    private readonly Dictionary<string, MapNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string From, string To), ServiceEdge> _edges = [];
    private readonly Dictionary<string, (long Whole, long Halves, string Cause)> _coverage = new(StringComparer.Ordinal);

    private ServiceMap(MapView map)
    {
        _map = map;
        _known = map.Nodes.Select(n => n.Id).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The map with the services in it.</summary>
    /// <param name="map">The node's own.</param>
    /// <param name="spans">Spans of the time the map is of.</param>
    public static MapView Add(MapView map, IReadOnlyList<TraceSpan> spans)
    {
        if (spans.All(s => s.Service == KeptSpans.Service))
        {
            return map;
        }

        var drawn = new ServiceMap(map);
        drawn.Draw(ServicePairs.Of(spans));
        return drawn.View();
    }

    private void Draw(ServicePairs pairs)
    {
        foreach (var pair in pairs.Pairs)
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

            Covered(pair.From, isWhole: true, "");
            Covered(pair.To, isWhole: true, "");
        }

        foreach (var half in pairs.WithoutGiver)
        {
            var to = TakerOf(half)!;
            var from = half.Role == SpanRole.Consumer && QueueOf(half) is { } queue ? queue : Node("unknown:callers", "unknown", "unknown callers");
            Edge(from, to, half.Role == SpanRole.Consumer ? "consume" : "call").AddHalf(half);
            Covered(half, isWhole: false, "who calls or sends to it sends no traces here, or samples other ones");
        }

        foreach (var half in pairs.WithoutTaker)
        {
            var (to, kind, isEnd) = EndOf(half);
            Edge(GiverOf(half)!, to, kind).AddHalf(half);
            if (!isEnd)
            {
                Covered(half, isWhole: false, "what it calls sends no traces here, or samples other ones");
            }
        }
    }

    /// <summary>Where a call goes that nobody who sends traces took; whether that is as it should be.</summary>
    private (string Id, string Kind, bool IsEnd) EndOf(TraceSpan half)
    {
        if (half[SpanNames.GenAiModel] is { } model)
        {
            var provider = half[SpanNames.GenAiProvider] ?? half["gen_ai.system"] ?? "unknown";
            return (Node($"model:{provider}/{model}", "model", model), "infer", true);
        }

        if (QueueOf(half) is { } queue)
        {
            return (queue, "publish", false);
        }

        if ((half["db.system.name"] ?? half["db.system"]) is { } database)
        {
            var name = half["db.namespace"] ?? half["db.name"] ?? half["server.address"];
            return (Node($"database:{database}/{name}", "database", name is null ? database : $"{database} {name}"), "call", true);
        }

        return (half["server.address"] ?? half["peer.service"] ?? half["net.peer.name"]) is { } address
            ? (Node("external:" + address, "external", address), "call", false)
            : (Node("unknown:called", "unknown", "unknown services"), "call", false);
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
        : Known(MapIds.Topic(name)) ?? Node($"queue:{span[SpanNames.System] ?? "unknown"}/{name}", "queue", name);

    private static string KindOf(TraceSpan taker) => taker.Service == KeptSpans.Service ? "publish" : taker.Role == SpanRole.Consumer ? "consume" : "call";

    private string Service(TraceSpan span) => Node("service:" + span.Service, "service", span.Service);

    private string? Known(string id) => _known.Contains(id) ? id : null;

    private string Node(string id, string kind, string name)
    {
        if (_known.Contains(id) || _nodes.ContainsKey(id))
        {
            return id;
        }

        if (_nodes.Count >= NodesMax)
        {
            (id, kind, name) = (Rest, "service", "others");
        }

        _nodes.TryAdd(id, new MapNode { Id = id, Kind = kind, Name = name, Figures = new MapFigures() });
        return id;
    }

    private ServiceEdge Edge(string from, string to, string kind)
    {
        if (!_edges.TryGetValue((from, to), out var edge))
        {
            _edges.Add((from, to), edge = new ServiceEdge(from, to, kind));
        }

        return edge;
    }

    private void Covered(TraceSpan span, bool isWhole, string cause)
    {
        if (span.Service == KeptSpans.Service)
        {
            return;
        }

        var id = Service(span);
        var (whole, halves, before) = _coverage.GetValueOrDefault(id, (0, 0, ""));
        _coverage[id] = isWhole ? (whole + 1, halves, before) : (whole, halves + 1, before.Length > 0 ? before : cause);
    }

    private MapView View()
    {
        var edges = _edges.Values.Select(e => e.View(_map.WindowSeconds)).ToList();
        var skewed = edges.Where(e => e.Figures.SkewMs is not null).ToLookup(e => e.To, StringComparer.Ordinal);
        var nodes = _nodes.Values.Select(node => With(node, edges.Where(e => e.To == node.Id || e.From == node.Id).ToList(), skewed[node.Id].FirstOrDefault()));
        return _map with
        {
            Nodes = [.. _map.Nodes.Concat(nodes).OrderBy(n => n.Id, StringComparer.Ordinal)],
            Edges = [.. _map.Edges.Concat(edges).DistinctBy(e => e.Id).OrderBy(e => e.Id, StringComparer.Ordinal)],
        };
    }

    private MapNode With(MapNode node, List<MapEdge> edges, MapEdge? skewed)
    {
        var (whole, halves, cause) = _coverage.GetValueOrDefault(node.Id, (0, 0, ""));
        var failing = edges.Where(e => e.To == node.Id && e.Figures.ErrorShare >= FlowMap.ErrorsWarn).MaxBy(e => e.Figures.ErrorShare);
        var trouble = new List<string>();
        if (failing is not null)
        {
            trouble.Add(string.Create(CultureInfo.InvariantCulture, $"{failing.Figures.ErrorShare * 100:0.#} % of {failing.Kind}s from {failing.From} failed"));
        }

        if (halves > 0 && (double)whole / (whole + halves) < CoverageWarn)
        {
            trouble.Add(string.Create(CultureInfo.InvariantCulture, $"{halves} of {whole + halves} hand-overs have one half only: {cause}"));
        }

        if (skewed is not null)
        {
            trouble.Add(string.Create(CultureInfo.InvariantCulture, $"its clock is off by about {skewed.Figures.SkewMs:0.#} ms, seen from {skewed.From}"));
        }

        return node with
        {
            State = trouble.Count > 0 && node.Kind == "service" ? "warn" : "good",
            Trouble = trouble.Count == 0 ? null : string.Join("; ", trouble),
            Figures = node.Figures with
            {
                PerSecond = edges.Where(e => e.To == node.Id).Sum(e => e.Figures.PerSecond),
                Coverage = whole + halves == 0 ? null : Math.Round((double)whole / (whole + halves), 4),
            },
        };
    }
}
