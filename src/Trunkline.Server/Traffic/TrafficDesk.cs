using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Traffic;

/// <summary>
/// Reads along what comes into the topics of the project, beside the way of the messages, and tells what drifts. It begins with the newest messages there are, so that it knows
/// soon what is usual. Where more comes than it may read, it passes over what it cannot. Thread-safe; one at a time reads.
/// </summary>
/// <param name="broker">Holds the topics.</param>
/// <param name="project">The project in force.</param>
/// <param name="registry">The schemas.</param>
/// <param name="book">Takes the alarms.</param>
internal sealed class TrafficDesk(IBroker broker, Func<ProjectConfig> project, SchemaRegistry registry, DriftBook book)
{
    /// <summary>Messages read in one round, of all topics.</summary>
    public const int RoundMessages = 1000;

    /// <summary>Stored messages of a topic it begins with.</summary>
    public const int History = 2 * ProducerProfile.Learning;

    private const int BehindMax = 20_000;
    private const int PageMessages = 250;

    private readonly Lock _lock = new();
    private readonly MessageData _data = new(registry);
    private readonly Dictionary<string, TopicTraffic> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Topic, int Partition), long> _next = [];
    private int _turn;

    /// <summary>The alarms.</summary>
    public DriftBook Book => book;

    /// <summary>Reads what came since the last round.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var now = project();
        lock (_lock)
        {
            foreach (var gone in _topics.Keys.Where(topic => !now.Topics.ContainsKey(topic)).ToList())
            {
                _topics.Remove(gone);
            }
        }

        // Another topic is first each time, so that a busy one does not have all of every round.
        var topics = now.Topics.Values.ToList();
        var left = RoundMessages;
        for (var i = 0; i < topics.Count && left > 0; i++)
        {
            left -= await ReadAsync(topics[(i + _turn) % topics.Count], now, left, cancellationToken);
        }

        _turn = (_turn + 1) % Math.Max(1, topics.Count);
    }

    /// <summary>Looks at what is known of a topic; the default if nothing came yet.</summary>
    public T? Look<T>(string topic, Func<TopicTraffic, T> view)
    {
        lock (_lock)
        {
            return _topics.TryGetValue(topic, out var traffic) ? view(traffic) : default;
        }
    }

    /// <summary>Forgets what was usual of a topic, learns anew, and closes its alarms. Gives how many there were.</summary>
    public Task<int> LearnAnewAsync(string topic, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _topics.Remove(topic);
        }

        return book.CloseAsync(topic, cancellationToken);
    }

    /// <summary>Reads what came into a topic, at most so many messages; gives how many.</summary>
    private async Task<int> ReadAsync(TopicConfig topic, ProjectConfig now, int most, CancellationToken cancellationToken)
    {
        var name = topic.Settings.Name;
        var left = most;
        var partitions = (await broker.DescribeTopicAsync(name, cancellationToken)).Partitions;
        foreach (var partition in partitions)
        {
            var place = (name, partition.Partition);
            if (!_next.TryGetValue(place, out var at) || at < partition.LowOffset || partition.HighOffset - at > BehindMax)
            {
                var newest = _next.ContainsKey(place) ? RoundMessages : History;
                at = Math.Max(partition.LowOffset, partition.HighOffset - (newest / partitions.Count));
            }

            while (left > 0 && at < partition.HighOffset)
            {
                var page = await broker.ReadAsync(new ReadRequest(name, partition.Partition, at, Math.Min(left, PageMessages)), cancellationToken);
                if (page.Count == 0)
                {
                    break;
                }

                await AddAsync(topic, page, now, cancellationToken);
                at = page[^1].Position.Offset + 1;
                left -= page.Count;
            }

            _next[place] = at;
        }

        return most - left;
    }

    private async Task AddAsync(TopicConfig topic, IReadOnlyList<Messaging.StoredMessage> page, ProjectConfig now, CancellationToken cancellationToken)
    {
        var found = new List<(string Producer, DriftFinding Finding)>();
        lock (_lock)
        {
            if (!_topics.TryGetValue(topic.Settings.Name, out var traffic))
            {
                _topics.Add(topic.Settings.Name, traffic = new TopicTraffic());
            }

            foreach (var stored in page)
            {
                var data = _data.Read(topic.Subject, stored.Message);
                var (producer, findings) = traffic.Add(stored.Message, data.Json, data.Version, data.Fields);
                found.AddRange(findings.Select(finding => (producer, finding)));
            }
        }

        foreach (var (producer, finding) in found)
        {
            await book.RaiseAsync(AlarmOf(topic, producer, finding, now), cancellationToken);
        }
    }

    private static DriftAlarm AlarmOf(TopicConfig topic, string producer, DriftFinding finding, ProjectConfig now)
    {
        const string FlowPrefix = "flow ";
        var flow = producer.StartsWith(FlowPrefix, StringComparison.Ordinal) ? now.Flows.GetValueOrDefault(producer[FlowPrefix.Length..]) : null;
        return new DriftAlarm
        {
            Topic = topic.Settings.Name,
            Producer = producer,
            Field = finding.Path,
            Kind = Word(finding.Kind),
            Was = finding.Was,
            Now = finding.Now,
            Example = finding.Example,
            Owner = flow?.Owner ?? topic.Owner,
        };
    }

    /// <summary>How a kind of change is called outside.</summary>
    public static string Word(DriftKind kind) => kind switch
    {
        DriftKind.Undeclared => "undeclared",
        DriftKind.NewField => "new-field",
        DriftKind.Retyped => "retyped",
        DriftKind.Reformatted => "reformatted",
        DriftKind.NewValue => "new-value",
        DriftKind.Nulls => "nulls",
        DriftKind.Presence => "presence",
        _ => "range",
    };
}
