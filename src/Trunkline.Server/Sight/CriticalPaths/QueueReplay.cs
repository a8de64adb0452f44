namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>
/// What the waits in topics would be if work took other times. The messages seen are taken again in the order they came, by as many at a time as were seen
/// at once; by how much that wait changes, the recorded one does. Messages that were not kept are not seen: then waits change less than they would.
/// </summary>
internal static class QueueReplay
{
    /// <summary>The wait of each job whose wait changes, by the id of its work.</summary>
    /// <param name="jobs">The messages taken from topics.</param>
    /// <param name="waits">Their waits as recorded, by the id of their work.</param>
    /// <param name="scale">The factor of a segment's time.</param>
    public static IReadOnlyDictionary<string, long> Of(IReadOnlyList<FlowJob> jobs, IReadOnlyDictionary<string, long> waits, Func<FlowSegment, double> scale)
    {
        var changed = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var consumer in jobs.Where(j => waits.ContainsKey(j.Span)).GroupBy(j => j.Consumer, StringComparer.Ordinal))
        {
            var queue = consumer.Select(j => (Job: j, Came: j.Start - waits[j.Span])).OrderBy(j => j.Came).ToList();
            var takers = AtOnce(queue.ConvertAll(j => (j.Job.Start, j.Job.Start + j.Job.Work.Length)));
            var before = Waits(queue.ConvertAll(j => (j.Came, j.Job.Work.Length)), takers);
            var after = Waits(queue.ConvertAll(j => (j.Came, j.Job.Work.Replay(scale))), takers);
            for (var i = 0; i < queue.Count; i++)
            {
                if (after[i] != before[i])
                {
                    changed[queue[i].Job.Span] = Math.Max(0, waits[queue[i].Job.Span] + after[i] - before[i]);
                }
            }
        }

        return changed;
    }

    /// <summary>How many of these ran at once, at most.</summary>
    public static int AtOnce(IReadOnlyList<(long Start, long End)> times)
    {
        var (now, most) = (0, 0);
        foreach (var (_, change) in times.SelectMany(t => new[] { (At: t.Start, Change: 1), (At: t.End, Change: -1) }).OrderBy(e => e.At).ThenBy(e => e.Change))
        {
            now += change;
            most = Math.Max(most, now);
        }

        return Math.Max(1, most);
    }

    /// <summary>Waits of those that came in this order, first come first served, by so many takers.</summary>
    public static long[] Waits(IReadOnlyList<(long Came, long Takes)> queue, int takers)
    {
        var waits = new long[queue.Count];
        var free = new PriorityQueue<bool, long>(Enumerable.Repeat((true, long.MinValue), takers));
        for (var i = 0; i < waits.Length; i++)
        {
            free.TryDequeue(out _, out var at);
            var start = Math.Max(at, queue[i].Came);
            waits[i] = start - queue[i].Came;
            free.Enqueue(true, start + queue[i].Takes);
        }

        return waits;
    }
}
