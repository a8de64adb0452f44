using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;

namespace Trunkline.Server.Sight.Map;

/// <summary>Draws the map of a node: what the project says, how it stands, and what was measured. For one map.</summary>
internal sealed class FlowMap
{
    /// <summary>From this share of failures on a hop is not good.</summary>
    public const double ErrorsWarn = 0.01;

    private readonly MapFacts _facts;
    private readonly HopReading _hops;
    private readonly ILookup<string, long> _held;
    private readonly Dictionary<string, MapNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MapEdge> _edges = new(StringComparer.Ordinal);

    private FlowMap(MapFacts facts, HopReading hops)
    {
        (_facts, _hops) = (facts, hops);
        _held = facts.Topics.ToLookup(t => t.Topic.Settings.Name, t => Held(t.Topic), StringComparer.Ordinal);
    }

    /// <summary>Draws it.</summary>
    public static MapView Of(MapFacts facts, HopReading hops)
    {
        var map = new FlowMap(facts, hops);
        map.AddTopics();
        map.AddModels();
        foreach (var (config, snapshot) in facts.Flows.Where(f => facts.Project.Flows.ContainsKey(f.Name)).Select(f => (facts.Project.Flows[f.Name], f)))
        {
            map.AddFlow(config, snapshot);
            map.AddLoops(config, snapshot);
        }

        return new MapView(facts.At, hops.Seconds, [.. map._nodes.Values.OrderBy(n => n.Id, StringComparer.Ordinal).Select(map.AsItStood)], [.. map._edges.Values.OrderBy(e => e.Id, StringComparer.Ordinal)]);
    }

    private void AddTopics()
    {
        var loops = MapFacts.Loops(_facts.Project);
        var groups = _facts.Project.Flows.Values.Select(f => f.From).OfType<TopicSourceConfig>().Select(t => t.Group).ToHashSet(StringComparer.Ordinal);
        foreach (var name in _facts.Past is null ? [] : _facts.Project.Topics.Keys)
        {
            AddPastTopic(name);
        }

        foreach (var (topic, all) in _facts.Topics.Where(t => !loops.Contains(t.Topic.Settings.Name)))
        {
            var name = topic.Settings.Name;
            var behind = all.Select(g => (Lag: g.Partitions.Sum(p => p.Lag), Seconds: Oldest(g))).OrderByDescending(g => g.Lag).FirstOrDefault();
            Add(new MapNode
            {
                Id = MapIds.Topic(name),
                Kind = "topic",
                Name = name,
                Owner = _facts.Project.Topics.GetValueOrDefault(name)?.Owner,
                Figures = new MapFigures
                {
                    Messages = Held(topic),
                    LagMessages = all.Count == 0 ? null : behind.Lag,
                    LagSeconds = all.Count == 0 ? null : all.Max(Oldest),
                },
            });
            AddPublished(name);
            foreach (var group in all.Where(g => !groups.Contains(g.Group)))
            {
                AddGroup(name, group);
            }
        }
    }

    private void AddPastTopic(string name)
    {
        Add(new MapNode { Id = MapIds.Topic(name), Kind = "topic", Name = name, Owner = _facts.Project.Topics[name].Owner, Figures = new MapFigures() });
        AddPublished(name);
    }

    private void AddPublished(string topic)
    {
        if (_hops.Published(topic) is { PerSecond: > 0 } published)
        {
            Add(new MapNode { Id = MapIds.Clients, Kind = "source", Name = "api", Figures = new MapFigures() });
            Join(MapIds.Clients, MapIds.Topic(topic), "publish", published);
        }
    }

    private void AddGroup(string topic, GroupDescription group)
    {
        var lag = new MapFigures { LagMessages = group.Partitions.Sum(p => p.Lag), LagSeconds = Oldest(group) };
        Add(new MapNode { Id = MapIds.Group(topic, group.Group), Kind = "group", Name = group.Group, Figures = lag });
        Join(MapIds.Topic(topic), MapIds.Group(topic, group.Group), "consume", lag);
    }

    private void AddModels()
    {
        foreach (var (name, config) in _facts.Project.Models)
        {
            var figures = _hops.Asked(name);
            Add(new MapNode { Id = MapIds.Model(name), Kind = "model", Name = name, Owner = config.Owner, Figures = figures, State = StateOf(figures), Trouble = ErrorsOf(figures) });
        }
    }

    private void AddFlow(FlowConfig config, FlowSnapshot snapshot)
    {
        var id = MapIds.Flow(config.Name);
        var sinks = config.Branches.SelectMany(b => b.To).DistinctBy(s => s.Name).ToList();
        var consumed = _hops.Consumed(config.Name, [.. sinks.Select(s => s.Name)]) with { LagMessages = snapshot.Lag, LagSeconds = snapshot.Lag == 0 ? 0 : AgeOf(snapshot.OldestAppendedAt) };
        var stopped = snapshot.State is FlowState.Failed or FlowState.PartlyStopped;
        Add(new MapNode
        {
            Id = id,
            Kind = "flow",
            Name = config.Name,
            Owner = config.Owner,
            State = stopped ? "bad" : snapshot.Reason is not null || snapshot.ParkedKeys > 0 ? "warn" : StateOf(consumed),
            Trouble = snapshot.Reason ?? (stopped ? "the failure policy stopped partitions" : snapshot.ParkedKeys > 0 ? $"parked keys: {snapshot.ParkedKeys}" : ErrorsOf(consumed)),
            Figures = consumed with { Messages = snapshot.InFlight, ParkedKeys = snapshot.ParkedKeys, Delayed = snapshot.Delayed },
        });
        Join(SourceOf(config), id, "consume", consumed);
        foreach (var model in config.Models.Where(_facts.Project.Models.ContainsKey))
        {
            Join(id, MapIds.Model(model), "infer", _hops.Asked(model) with { PerSecond = UsersOf(model) == 1 ? _hops.Asked(model).PerSecond : null });
        }

        sinks.ForEach(sink => AddSink(config, sink, snapshot.Sinks.FirstOrDefault(s => s.Name == sink.Name)));
    }

    private void AddSink(FlowConfig flow, SinkConfig sink, SinkSnapshot? snapshot)
    {
        if (sink is TopicSinkConfig topic)
        {
            Join(MapIds.Flow(flow.Name), MapIds.Topic(topic.Topic), "append", _hops.Appended(flow.Name, sink.Name));
            return;
        }

        var id = MapIds.Sink(flow.Name, sink.Name);
        var sent = _hops.Sent(flow.Name, sink.Name) with
        {
            LagMessages = snapshot?.Lag,
            LagSeconds = snapshot?.Lag == 0 ? 0 : AgeOf(_facts.OldestOutbox.GetValueOrDefault((flow.Name, sink.Name))),
        };
        var paused = snapshot?.Breaker?.Since is not null;
        Add(new MapNode
        {
            Id = id,
            Kind = "sink",
            Name = sink is OutboxSinkConfig outbox ? $"{outbox.Kind} {outbox.Shown}" : sink.Name,
            Owner = flow.Owner,
            State = snapshot?.State == FlowState.Failed ? "bad" : paused ? "warn" : StateOf(sent),
            Trouble = snapshot?.Reason ?? (paused ? $"paused after failures: {snapshot!.Breaker!.Reason}" : ErrorsOf(sent)),
            Figures = sent,
        });
        Join(MapIds.Flow(flow.Name), id, "deliver", sent);
    }

    /// <summary>Retries and dead letters, where there are any.</summary>
    private void AddLoops(FlowConfig config, FlowSnapshot snapshot)
    {
        var id = MapIds.Flow(config.Name);
        var retried = _hops.Retried(config.Name) with { Delayed = snapshot.Delayed, ParkedKeys = snapshot.ParkedKeys };
        if (retried.PerSecond > 0 || snapshot.Delayed > 0 || snapshot.ParkedKeys > 0)
        {
            Join(id, id, "retry", retried);
        }

        var dead = MapIds.Dead(config.Name);
        var held = _held[FlowNames.Dead(config.Name)].Sum();
        var then = _facts.Past is { } past ? NodeStanding.Read(past, dead) : null;
        if (held == 0 && then is null)
        {
            return;
        }

        Add(new MapNode
        {
            Id = dead,
            Kind = "dead",
            Name = FlowNames.Dead(config.Name),
            Owner = config.Owner,
            State = "warn",
            Trouble = $"{CountText.Of(held, "dead letter")}: trunkline dead list {config.Name}",
            Figures = new MapFigures { Messages = held },
        });
        // A redrive has no figures of its own: what it runs again counts where it runs.
        Join(id, dead, "dead", _hops.Buried(config.Name));
        Join(dead, id, "redrive", new MapFigures());
    }

    private string SourceOf(FlowConfig config)
    {
        if (config.From is TopicSourceConfig topic)
        {
            return MapIds.Topic(topic.Topic);
        }

        var shown = config.From.Shown;
        Add(new MapNode { Id = MapIds.Source(shown), Kind = "source", Name = shown, Owner = config.Owner, Figures = new MapFigures() });
        return MapIds.Source(shown);
    }

    private int UsersOf(string model) => _facts.Project.Flows.Values.Count(f => f.Models.Contains(model));

    private void Add(MapNode node) => _nodes.TryAdd(node.Id, node);

    private void Join(string from, string to, string kind, MapFigures figures)
    {
        Place(from);
        Place(to);
        var id = MapIds.Edge(from, to);
        _edges.TryAdd(id, new MapEdge { Id = id, From = from, To = to, Kind = kind, Figures = figures });
    }

    /// <summary>A topic that is gone, or not there yet, is still a place the project names.</summary>
    private void Place(string id)
    {
        if (!_nodes.ContainsKey(id))
        {
            var kind = id.IndexOf(':', StringComparison.Ordinal);
            var node = new MapNode { Id = id, Kind = id[..kind], Name = id[(kind + 1)..], Figures = new MapFigures() };
            Add(_facts.Past is null ? node with { State = "warn", Trouble = "the broker does not have it" } : node);
        }
    }

    /// <summary>A node of a time before with what was seen of it then; what was not seen is not known.</summary>
    private MapNode AsItStood(MapNode node)
    {
        if (_facts.Past is not { } past)
        {
            return node;
        }

        return NodeStanding.Read(past, node.Id)?.On(node)
            ?? node with { Figures = node.Figures with { Messages = null, LagMessages = null, LagSeconds = null, ParkedKeys = null, Delayed = null } };
    }

    private double? Oldest(GroupDescription group) =>
        group.Partitions.Sum(p => p.Lag) == 0 ? 0 : AgeOf(group.Partitions.Where(p => p.Lag > 0).Min(p => p.OldestAppendedAt));

    private double? AgeOf(DateTimeOffset? appended) => appended is { } at ? Math.Max(0, (_facts.At - at).TotalSeconds) : null;

    private static long Held(TopicDescription topic) => topic.Partitions.Sum(p => p.HighOffset - p.LowOffset);

    private static string StateOf(MapFigures figures) => figures.ErrorShare >= ErrorsWarn ? "warn" : "good";

    private static string? ErrorsOf(MapFigures figures) =>
        figures.ErrorShare >= ErrorsWarn ? FormattableString.Invariant($"{figures.ErrorShare * 100:0.#} % of tries failed") : null;
}
