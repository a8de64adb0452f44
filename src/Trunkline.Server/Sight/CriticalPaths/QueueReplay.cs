namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>
/// Runs tries again as they came, with other times, through the same lanes: those of a group take messages in the order they came, one of a key at a time,
/// what was held back for its key first; a model takes as many questions at once as it has room for, and work that waits for nothing outside keeps its whole
/// group. Who waits how long follows from that. For one run.
/// </summary>
internal sealed class QueueReplay
{
    private readonly Func<string, int?> _rooms;
    private readonly Func<string, double> _scale;
    private readonly PriorityQueue<Run, (long At, int Order)> _due = new();
    private readonly Dictionary<(string, string?, int), Line> _lines = [];
    private readonly Dictionary<string, Room?> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<TryKey, QueueWaits> _waits = [];
    private long _now;
    private int _order;

    private QueueReplay(Func<string, int?> rooms, Func<string, double> scale) => (_rooms, _scale) = (rooms, scale);

    /// <summary>How long each waits.</summary>
    /// <param name="jobs">The first tries of messages, with those that follow.</param>
    /// <param name="rooms">Questions a model takes at once; null if that is not known: then waits for it stay as they were.</param>
    /// <param name="scale">The factor of an owner's time.</param>
    public static IReadOnlyDictionary<TryKey, QueueWaits> Of(IEnumerable<QueueJob> jobs, Func<string, int?> rooms, Func<string, double> scale)
    {
        var replay = new QueueReplay(rooms, scale);
        foreach (var job in jobs.OrderBy(j => j.Came).ThenBy(j => j.Try.Offset))
        {
            replay.Add(new Run(job), job.Came);
        }

        replay.Go();
        return replay._waits;
    }

    private void Add(Run run, long at) => _due.Enqueue(run, (at, _order++));

    private void Go()
    {
        while (_due.TryDequeue(out var run, out var due))
        {
            _now = due.At;
            if (run.HasBegun)
            {
                GoOn(run);
                continue;
            }

            var line = LineOf(run.Job);
            (run.HoldsKey ? line.Ready : line.Backlog).Enqueue(run);
            run.Due = _now;
            Pump(line);
        }
    }

    /// <summary>Begins what can begin: first what waited for its key or its next try, then what came.</summary>
    private void Pump(Line line)
    {
        while (!line.IsTaken)
        {
            if (line.Ready.Count > 0 && line.Busy < line.Lanes)
            {
                Begin(line, line.Ready.Dequeue());
            }
            else if (line.Backlog.TryPeek(out var run) && run.Job.Key is { } key && line.Held.TryGetValue(key, out var followers))
            {
                followers.Enqueue(line.Backlog.Dequeue());
            }
            else if (run is not null && line.Busy < line.Lanes)
            {
                line.Hold(line.Backlog.Dequeue());
                Begin(line, run);
            }
            else
            {
                return;
            }
        }
    }

    private void Begin(Line line, Run run)
    {
        run.Begin(_now);
        (line.Busy, line.IsTaken) = (line.Busy + 1, !run.Job.Waits);
        GoOn(run);
    }

    /// <summary>Does the next piece, or waits for room at a model, or is done.</summary>
    private void GoOn(Run run)
    {
        while (run.Place < run.Job.Pieces.Count)
        {
            var piece = run.Job.Pieces[run.Place];
            if (piece.IsWait || piece.Model != run.Asks)
            {
                Leave(run);
            }

            if (piece.Model is not null && run.Asks is null && !Ask(run, piece))
            {
                return;
            }

            run.Place++;
            if (!piece.IsWait || RoomOf(piece.Model!) is null)
            {
                Add(run, _now + (long)Math.Round(piece.Length * _scale(piece.Owner), MidpointRounding.AwayFromZero));
                return;
            }
        }

        Leave(run);
        End(run);
    }

    /// <summary>True if the model has room now; else the run goes on when it has.</summary>
    private bool Ask(Run run, QueuePiece piece)
    {
        run.Asks = piece.Model;
        if (RoomOf(piece.Model!) is not { } room)
        {
            run.Rooms.Add(piece.IsWait ? piece.Length : 0);
            return true;
        }

        if (room.Busy < room.Limit)
        {
            room.Busy++;
            run.Rooms.Add(0);
            return true;
        }

        run.AskedAt = _now;
        run.Place += piece.IsWait ? 1 : 0;
        room.Waiting.Enqueue(run);
        return false;
    }

    private void Leave(Run run)
    {
        if (run.Asks is not { } model)
        {
            return;
        }

        run.Asks = null;
        if (RoomOf(model) is not { } room)
        {
            return;
        }

        if (room.Waiting.TryDequeue(out var next))
        {
            next.Rooms.Add(_now - next.AskedAt);
            Add(next, _now);
        }
        else
        {
            room.Busy--;
        }
    }

    private void End(Run run)
    {
        var line = LineOf(run.Job);
        line.Busy--;
        line.IsTaken &= run.Job.Waits;
        _waits[run.Job.Try] = new QueueWaits(run.Began - run.Due, run.Rooms);
        if (run.Job.Next is { } next)
        {
            Add(new Run(next.Job) { HoldsKey = true }, _now + next.After);
        }
        else
        {
            line.Release(run);
        }

        Pump(line);
    }

    private Line LineOf(QueueJob job)
    {
        if (!_lines.TryGetValue(job.Line, out var line))
        {
            _lines.Add(job.Line, line = new Line());
        }

        line.Lanes = Math.Max(1, job.Lanes);
        return line;
    }

    private Room? RoomOf(string model)
    {
        if (!_models.TryGetValue(model, out var room))
        {
            _models.Add(model, room = _rooms(model) is { } limit ? new Room(Math.Max(1, limit)) : null);
        }

        return room;
    }

    private sealed class Run(QueueJob job)
    {
        public QueueJob Job => job;

        public bool HasBegun { get; private set; }

        /// <summary>From when on it waits.</summary>
        public long Due { get; set; } = job.Came;

        public long Began { get; private set; }

        /// <summary>True from its message's first try on, or once it is its turn behind others of its key.</summary>
        public bool HoldsKey { get; set; }

        public int Place { get; set; }

        /// <summary>The model it asks; null for none.</summary>
        public string? Asks { get; set; }

        public long AskedAt { get; set; }

        public List<long> Rooms { get; } = [];

        public void Begin(long at) => (HasBegun, Began) = (true, at);
    }

    private sealed class Line
    {
        public int Lanes { get; set; }

        public int Busy { get; set; }

        /// <summary>True while work that waits for nothing keeps the whole group.</summary>
        public bool IsTaken { get; set; }

        public Queue<Run> Backlog { get; } = new();

        public Queue<Run> Ready { get; } = new();

        /// <summary>Keys that are taken, with who waits behind them.</summary>
        public Dictionary<int, Queue<Run>> Held { get; } = [];

        public void Hold(Run run)
        {
            if (run.Job.Key is { } key)
            {
                Held.Add(key, new Queue<Run>());
            }
        }

        /// <summary>The key goes to who waits for it.</summary>
        public void Release(Run run)
        {
            if (run.Job.Key is not { } key)
            {
                return;
            }

            if (Held[key].TryDequeue(out var next))
            {
                next.HoldsKey = true;
                Ready.Enqueue(next);
            }
            else
            {
                Held.Remove(key);
            }
        }
    }

    private sealed class Room(int limit)
    {
        public int Limit => limit;

        public int Busy { get; set; }

        public Queue<Run> Waiting { get; } = new();
    }
}
