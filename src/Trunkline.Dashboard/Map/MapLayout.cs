using System.Collections.Concurrent;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Map;

/// <summary>
/// Lays a map out in columns from left to right: what comes first stands left. Edges that lead back are drawn as such, long ones go through places
/// of their own in each column, and the order within columns is the one with few crossings that repeated sorting by neighbours finds. Equal maps give equal
/// pictures.
/// </summary>
internal sealed class MapLayout
{
    /// <summary>Width of a node.</summary>
    public const int NodeWidth = 176;

    /// <summary>Height of a node.</summary>
    public const int NodeHeight = 54;

    private const int ColumnGap = 96;
    private const int RowGap = 22;
    private const int Margin = 16;
    private const int Sweeps = 8;

    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _next;
    private readonly Dictionary<string, int> _entering = new(StringComparer.Ordinal);
    private readonly List<List<string>> _rows = [];
    private readonly Dictionary<string, (double X, double Y)> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _back = new(StringComparer.Ordinal);
    private readonly List<(string From, string To)> _short = [];
    private readonly ConcurrentDictionary<string, MapPath> _paths = new(StringComparer.Ordinal);

    private MapLayout(MapView map)
    {
        _next = map.Nodes.ToDictionary(n => n.Id, _ => new List<string>(), StringComparer.Ordinal);
        foreach (var edge in map.Edges.Where(e => e.From != e.To && _next.ContainsKey(e.From) && _next.ContainsKey(e.To)))
        {
            _next[edge.From].Add(edge.To);
            _entering[edge.To] = _entering.GetValueOrDefault(edge.To) + 1;
        }
    }

    /// <summary>Width of the picture.</summary>
    public double Width => Margin * 2 + _rows.Count * NodeWidth + Math.Max(0, _rows.Count - 1) * ColumnGap;

    /// <summary>Height of the picture.</summary>
    public double Height { get; private set; }

    /// <summary>The upper left corner of a node.</summary>
    public (double X, double Y) this[string node] => _places[node];

    /// <summary>Lays it out.</summary>
    public static MapLayout Of(MapView map)
    {
        var layout = new MapLayout(map);
        layout.FindBack();
        layout.SetColumns();
        layout.Fill(map);
        layout.Sort();
        layout.Place();
        return layout;
    }

    /// <summary>The line of an edge.</summary>
    public MapPath PathOf(MapEdge edge) => _paths.GetOrAdd(edge.Id, (_, of) => MapPath.Of(this, of), edge);

    /// <summary>The points an edge passes, from its source to its target; two or more.</summary>
    public IReadOnlyList<(double X, double Y)> Points(MapEdge edge)
    {
        var (from, to) = (_places[edge.From], _places[edge.To]);
        if (edge.From == edge.To)
        {
            return [(from.X + NodeWidth * 0.7, from.Y), (from.X + NodeWidth * 0.3, from.Y)];
        }

        if (_back.Contains(Key(edge.From, edge.To)))
        {
            return [(from.X + NodeWidth * 0.3, from.Y + NodeHeight), (to.X + NodeWidth * 0.7, to.Y + NodeHeight)];
        }

        List<(double, double)> points = [(from.X + NodeWidth, from.Y + NodeHeight / 2.0)];
        for (var column = _columns[edge.From] + 1; column < _columns[edge.To]; column++)
        {
            var (x, y) = _places[Passage(edge.From, edge.To, column)];
            points.Add((x, y + NodeHeight / 2.0));
            points.Add((x + NodeWidth, y + NodeHeight / 2.0));
        }

        points.Add((to.X, to.Y + NodeHeight / 2.0));
        return points;
    }

    /// <summary>Where on an edge there is room for its label: near the end fewer others share.</summary>
    public LabelPlace LabelOf(MapEdge edge)
    {
        var (leaving, entering) = (_next[edge.From].Count, _entering.GetValueOrDefault(edge.To));
        return leaving == entering || IsBack(edge) ? LabelPlace.Middle : leaving > entering ? LabelPlace.Target : LabelPlace.Source;
    }

    /// <summary>True if an edge leads back to an earlier column, or to its own node.</summary>
    public bool IsBack(MapEdge edge) => edge.From == edge.To || _back.Contains(Key(edge.From, edge.To));

    /// <summary>Edges that close a circle, found in depth; without recursion, since a map may be a long chain.</summary>
    private void FindBack()
    {
        var state = new Dictionary<string, int>(StringComparer.Ordinal);
        var entered = _next.Values.SelectMany(n => n).ToHashSet(StringComparer.Ordinal);
        foreach (var root in _next.Keys.OrderBy(id => entered.Contains(id)).ThenBy(id => id, StringComparer.Ordinal))
        {
            var path = new Stack<(string Node, int At)>();
            path.Push((root, 0));
            while (path.TryPop(out var top))
            {
                if (top.At == 0 && !state.TryAdd(top.Node, 1))
                {
                    continue;
                }

                if (top.At == _next[top.Node].Count)
                {
                    state[top.Node] = 2;
                    continue;
                }

                path.Push((top.Node, top.At + 1));
                var next = _next[top.Node][top.At];
                if (state.GetValueOrDefault(next) == 1)
                {
                    _back.Add(Key(top.Node, next));
                }
                else if (!state.ContainsKey(next))
                {
                    path.Push((next, 0));
                }
            }
        }
    }

    /// <summary>Each node stands one column right of the last before it.</summary>
    private void SetColumns()
    {
        var missing = _next.Keys.ToDictionary(id => id, _ => 0, StringComparer.Ordinal);
        foreach (var (from, to) in Forward())
        {
            missing[to]++;
        }

        var ready = new Queue<string>(missing.Where(m => m.Value == 0).Select(m => m.Key).Order(StringComparer.Ordinal));
        foreach (var id in ready)
        {
            _columns[id] = 0;
        }

        while (ready.TryDequeue(out var from))
        {
            foreach (var to in _next[from].Where(to => !_back.Contains(Key(from, to))))
            {
                _columns[to] = Math.Max(_columns.GetValueOrDefault(to), _columns[from] + 1);
                if (--missing[to] == 0)
                {
                    ready.Enqueue(to);
                }
            }
        }
    }

    private void Fill(MapView map)
    {
        for (var column = 0; column <= _columns.Values.DefaultIfEmpty(-1).Max(); column++)
        {
            _rows.Add([.. map.Nodes.Select(n => n.Id).Where(id => _columns[id] == column).Order(StringComparer.Ordinal)]);
        }

        foreach (var (from, to) in Forward())
        {
            var before = from;
            for (var column = _columns[from] + 1; column < _columns[to]; column++)
            {
                var passage = Passage(from, to, column);
                _rows[column].Add(passage);
                _short.Add((before, passage));
                before = passage;
            }

            _short.Add((before, to));
        }
    }

    private void Sort()
    {
        var before = _short.ToLookup(e => e.To, e => e.From, StringComparer.Ordinal);
        var after = _short.ToLookup(e => e.From, e => e.To, StringComparer.Ordinal);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var right = sweep % 2 == 0;
            for (var i = 1; i < _rows.Count; i++)
            {
                var column = right ? i : _rows.Count - 1 - i;
                var places = _rows[right ? column - 1 : column + 1].Select((id, place) => (id, place)).ToDictionary(p => p.id, p => p.place, StringComparer.Ordinal);
                var own = _rows[column].Select((id, place) => (id, place)).ToDictionary(p => p.id, p => p.place, StringComparer.Ordinal);
                _rows[column] =
                [
                    .. _rows[column].OrderBy(id => (right ? before : after)[id].Select(n => (double)places[n]).DefaultIfEmpty(own[id]).Average()).ThenBy(id => own[id]),
                ];
            }
        }
    }

    private void Place()
    {
        var most = _rows.Select(r => r.Count).DefaultIfEmpty(0).Max();
        Height = Margin * 2 + Math.Max(0, most * (NodeHeight + RowGap)) + RowGap;
        for (var column = 0; column < _rows.Count; column++)
        {
            var top = Margin + RowGap / 2.0 + (most - _rows[column].Count) * (NodeHeight + RowGap) / 2.0;
            for (var row = 0; row < _rows[column].Count; row++)
            {
                _places[_rows[column][row]] = (Margin + column * (NodeWidth + ColumnGap), top + row * (NodeHeight + RowGap));
            }
        }
    }

    private IEnumerable<(string From, string To)> Forward() =>
        _next.SelectMany(n => n.Value, (n, to) => (n.Key, to)).Where(e => !_back.Contains(Key(e.Key, e.to)));

    private static string Key(string from, string to) => $"{from}\n{to}";

    private static string Passage(string from, string to, int column) => FormattableString.Invariant($"{from}\n{to}\n{column}");
}

/// <summary>Where a label stands on an edge.</summary>
internal enum LabelPlace
{
    /// <summary>In the middle.</summary>
    Middle,

    /// <summary>Where it begins.</summary>
    Source,

    /// <summary>Where it ends.</summary>
    Target,
}
