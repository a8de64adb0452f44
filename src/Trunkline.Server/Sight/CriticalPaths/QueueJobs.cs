using System.Globalization;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>Makes what queues are replayed from out of tries that were kept.</summary>
internal sealed class QueueJobs
{
    private const string ModelPrefix = "model.";

    private QueueJobs(IReadOnlyList<QueueJob> first, IReadOnlyDictionary<TryKey, long> recorded, long since) => (First, Recorded, Since) = (first, recorded, since);

    /// <summary>The first tries of messages, with those that follow.</summary>
    public IReadOnlyList<QueueJob> First { get; }

    /// <summary>The share of messages that were tried more than once.</summary>
    public double Retried => First.Count == 0 ? 0 : (double)First.Count(job => job.Next is not null) / First.Count;

    /// <summary>How long messages that came since <see cref="Since"/> waited for their first try, as recorded.</summary>
    public IReadOnlyDictionary<TryKey, long> Recorded { get; }

    /// <summary>From here on no try is missing, nanoseconds since 1970.</summary>
    public long Since { get; }

    /// <summary>The jobs of some flows and sinks, and of those that ask the same models.</summary>
    /// <param name="flow">The flow owners are named for.</param>
    /// <param name="kept">All tries that are kept.</param>
    /// <param name="consumers">The flows and sinks.</param>
    public static QueueJobs Of(string flow, IReadOnlyList<KeptTries> kept, IReadOnlySet<(string Flow, string? Sink)> consumers)
    {
        var asked = kept.Where(k => consumers.Contains((k.Flow, k.Sink))).SelectMany(k => k.Models).ToHashSet(StringComparer.Ordinal);
        var chosen = kept.Where(k => consumers.Contains((k.Flow, k.Sink)) || k.Models.Any(asked.Contains)).ToList();
        var since = chosen.Count == 0 ? 0 : chosen.Max(k => k.Since);
        var first = new List<QueueJob>();
        var recorded = new Dictionary<TryKey, long>();
        foreach (var consumer in chosen)
        {
            var spans = consumer.Tries.Select(SpansOf).ToList();
            var owners = new PathOwners(flow, [.. spans.SelectMany(s => s)]);
            var jobs = consumer.Tries.Select((tried, i) => JobOf(tried, PiecesOf(owners, spans[i]), since)).ToList();
            first.AddRange(Chained(consumer.Tries, jobs));
            foreach (var tried in consumer.Tries.Where(t => t.Came >= since))
            {
                recorded.TryAdd(KeyOf(tried), Nanoseconds(tried.Began - tried.Came));
            }
        }

        return new QueueJobs(first, recorded, since == 0 ? 0 : Time(since));
    }

    private static TryKey KeyOf(TryTimes tried) => new(tried.Flow, tried.Sink, tried.Position.Partition, tried.Position.Offset, Time(tried.Began));

    /// <summary>What is not whole at the beginning begins as it did; what came before waits from there on.</summary>
    private static QueueJob JobOf(TryTimes tried, IReadOnlyList<QueuePiece> pieces, long since) => new(
        KeyOf(tried), (tried.Flow, tried.Sink, tried.Lane.Group), tried.Lane.Lanes, tried.Key, Time(tried.Began < since ? tried.Began : Math.Max(tried.Came, since)))
    {
        Waits = tried.Waits,
        Pieces = pieces,
    };

    /// <summary>Tries that are no later try of a message, each with those. A message that another of its key passed had been given up: it comes anew.</summary>
    private static IEnumerable<QueueJob> Chained(IReadOnlyList<TryTimes> tries, List<QueueJob> jobs)
    {
        var begins = tries.Where(t => t.Key is not null).ToLookup(t => t.Key!.Value, t => t.Began).ToDictionary(g => g.Key, g => g.Order().ToArray());
        var last = new Dictionary<(int Partition, long Offset), int>();
        foreach (var i in Enumerable.Range(0, tries.Count).OrderBy(i => tries[i].Began))
        {
            var place = (tries[i].Position.Partition, tries[i].Position.Offset);
            if (!last.TryGetValue(place, out var before) || tries[i].Began < tries[before].Ended)
            {
                yield return jobs[i];
            }
            else if (tries[i].Key is { } key && Between(begins[key], tries[before].Ended, tries[i].Began))
            {
                yield return jobs[i] with { Came = Time(tries[i].Began) };
            }
            else
            {
                jobs[before].Next = (jobs[i], Nanoseconds(tries[i].Began - tries[before].Ended));
            }

            last[place] = i;
        }
    }

    private static bool Between(long[] sorted, long from, long to)
    {
        var at = Array.BinarySearch(sorted, from);
        at = at < 0 ? ~at : at;
        return at < sorted.Length && sorted[at] < to;
    }

    /// <summary>The try as spans, so that what its time is made of is found as in traces.</summary>
    private static List<TraceSpan> SpansOf(TryTimes tried, int number)
    {
        var trace = string.Create(CultureInfo.InvariantCulture, $"{tried.Sink}/{number}/");
        var root = new TraceSpan
        {
            Trace = trace,
            Id = "",
            Name = $"{SpanNames.Process} {tried.Topic}",
            Role = SpanRole.Consumer,
            Start = Time(tried.Began),
            End = Time(tried.Ended),
            Service = KeptSpans.Service,
            Attributes = tried.Sink is null ? [new(SpanNames.Flow, tried.Flow)] : [new(SpanNames.Flow, tried.Flow), new(SpanNames.Sink, tried.Sink)],
        };
        return
        [
            root,
            .. tried.Parts.Select((part, i) => new TraceSpan
            {
                Trace = trace,
                Id = i.ToString(CultureInfo.InvariantCulture),
                Parent = part.Above < 0 ? "" : part.Above.ToString(CultureInfo.InvariantCulture),
                Name = part.Name,
                Start = Time(part.Began),
                End = Time(part.Ended),
                Service = KeptSpans.Service,
                Attributes = part.Model is null ? [] :
                [
                    new(SpanNames.GenAiModel, part.Model),
                    new(SpanNames.ModelWait, ((double)part.Waited / TimeSpan.TicksPerSecond).ToString("R", CultureInfo.InvariantCulture)),
                ],
            }),
        ];
    }

    private static List<QueuePiece> PiecesOf(PathOwners owners, List<TraceSpan> spans)
    {
        var graph = FlowGraphBuilder.Of([.. owners.Of(spans, isAlone: true)], PathOwners.IdOf(spans[0].Ref));
        return graph is null ? [] : [.. CriticalPath.Of(graph).Select(s => new QueuePiece(s.Owner, s.Length, ModelOf(s.Owner), s.Owner.StartsWith(PathOwners.RoomPrefix, StringComparison.Ordinal)))];
    }

    private static string? ModelOf(string owner) => owner.StartsWith(PathOwners.RoomPrefix, StringComparison.Ordinal) ? owner[PathOwners.RoomPrefix.Length..]
        : owner.StartsWith(ModelPrefix, StringComparison.Ordinal) ? owner[ModelPrefix.Length..]
        : null;

    private static long Time(long ticks) => Nanoseconds(ticks - DateTimeOffset.UnixEpoch.Ticks);

    private static long Nanoseconds(long ticks) => ticks * 100;
}
