using System.Diagnostics.CodeAnalysis;

namespace Trunkline.Core.Limits;

/// <summary>
/// A queue that serves tenants by their weights, however much each has queued, and of one tenant the higher priority first. A
/// priority moves work before other work of its tenant, never before another tenant's share. Not thread-safe.
/// </summary>
/// <remarks>
/// Start-time fair queuing: each tenant has a virtual time that moves on with every item served, by one over its weight; the tenant
/// that is furthest behind is next. A tenant that comes back after a pause begins at the time of the service, so nobody saves up.
/// </remarks>
/// <typeparam name="T">What waits.</typeparam>
/// <param name="itemsMax">Bound on all that waits. At it <see cref="TryEnqueue"/> refuses.</param>
public sealed class FairQueue<T>(int itemsMax)
{
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Line, (double At, long Order)> _next = new();
    private readonly List<Line> _held = [];
    private double _now;
    private long _order;

    /// <summary>How much waits.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an item; null if the queue is full.</summary>
    /// <returns>The item's place, for <see cref="Remove"/>.</returns>
    public Place? TryEnqueue(T item, WorkShare share)
    {
        if (Count >= itemsMax)
        {
            return null;
        }

        if (!_lines.TryGetValue(share.Tenant, out var line))
        {
            Sweep();
            line = new Line(share.Tenant);
            _lines.Add(share.Tenant, line);
        }

        line.Weight = Math.Max(1, share.Weight);
        if (!line.IsNext)
        {
            line.At = Math.Max(line.At, _now);
            Schedule(line);
        }

        Count++;
        return line.Add(item, Math.Clamp(share.Priority, 0, WorkShare.PriorityLowest));
    }

    /// <summary>Takes what is next; false if nothing waits.</summary>
    public bool TryDequeue([MaybeNullWhen(false)] out T item) => TryDequeue(null, out item);

    /// <summary>Takes what is next of tenants that are not held back; false if nothing of them waits. Nobody saves up by being held back.</summary>
    /// <param name="isHeld">Whether a tenant is held back; null for none.</param>
    /// <param name="item">What is next.</param>
    public bool TryDequeue(Func<string, bool>? isHeld, [MaybeNullWhen(false)] out T item)
    {
        while (_next.TryDequeue(out var line, out _))
        {
            line.IsNext = false;
            if (line.Count > 0 && isHeld?.Invoke(line.Tenant) == true)
            {
                _held.Add(line);
                continue;
            }

            if (!line.TryTake(out item))
            {
                // What waited was removed meanwhile.
                continue;
            }

            _now = line.At;
            line.At += 1.0 / line.Weight;
            if (line.Count > 0)
            {
                Schedule(line);
            }

            Count--;
            PutBackHeld();
            if (Count == 0)
            {
                Reset();
            }

            return true;
        }

        PutBackHeld();
        item = default;
        return false;
    }

    /// <summary>Takes an item out of its place; false if it is not there any more.</summary>
    public bool Remove(Place place)
    {
        if (!place.Leave())
        {
            return false;
        }

        Count--;
        return true;
    }

    private void PutBackHeld()
    {
        foreach (var line in _held)
        {
            line.At = Math.Max(line.At, _now);
            Schedule(line);
        }

        _held.Clear();
    }

    private void Schedule(Line line)
    {
        line.IsNext = true;
        _next.Enqueue(line, (line.At, _order++));
    }

    private void Reset()
    {
        _lines.Clear();
        _next.Clear();
        _now = 0;
    }

    /// <summary>Tenants nothing of whom waits are remembered while that keeps them from saving up, and never more than can wait.</summary>
    private void Sweep()
    {
        if (_lines.Count < 64 || _lines.Count < 2 * Count)
        {
            return;
        }

        foreach (var line in _lines.Values.Where(l => !l.IsNext && (l.At <= _now || _lines.Count >= itemsMax)).ToArray())
        {
            _lines.Remove(line.Tenant);
        }
    }

    /// <summary>Where an item waits.</summary>
    public sealed class Place
    {
        private readonly Line _line;
        private readonly LinkedListNode<T> _node;

        internal Place(Line line, LinkedListNode<T> node) => (_line, _node) = (line, node);

        internal bool Leave()
        {
            if (_node.List is not { } list)
            {
                return false;
            }

            list.Remove(_node);
            _line.Count--;
            return true;
        }
    }

    internal sealed class Line(string tenant)
    {
        private readonly LinkedList<T>?[] _byPriority = new LinkedList<T>?[WorkShare.PriorityLowest + 1];

        public string Tenant => tenant;

        public int Weight { get; set; } = 1;

        public double At { get; set; }

        public bool IsNext { get; set; }

        public int Count { get; set; }

        public Place Add(T item, int priority)
        {
            Count++;
            return new Place(this, (_byPriority[priority] ??= new LinkedList<T>()).AddLast(item));
        }

        public bool TryTake([MaybeNullWhen(false)] out T item)
        {
            foreach (var waiting in _byPriority)
            {
                if (waiting?.First is { } first)
                {
                    waiting.RemoveFirst();
                    Count--;
                    item = first.Value;
                    return true;
                }
            }

            item = default;
            return false;
        }
    }
}
