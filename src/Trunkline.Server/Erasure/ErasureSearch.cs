using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Flows;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Releases;
using Trunkline.Server.Steps;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Erasure;

/// <summary>
/// Finds all messages of a subject over all topics: those that name it, and what was made of them (an output names where its message
/// stood). Reads until a round over all topics finds nothing new; changes nothing.
/// </summary>
internal sealed class ErasureSearch(IBroker broker, ErasureSubject subject, ErasureFinds finds)
{
    private const int PageMessages = 1000;

    // The node's own books: they name topics and revisions, no messages.
    private static readonly string[] Books = [ChangeLog.TopicName, RevisionStore.TopicName, ErasureProofs.TopicName];

    private readonly Dictionary<(string Topic, int Partition), long> _searchedUntil = [];
    private readonly HashSet<(string Topic, MessageKey Key)> _keptParked = [];

    /// <summary>Messages looked at, by topic; the same one in a later round counts again.</summary>
    public SortedDictionary<string, long> Searched { get; } = new(StringComparer.Ordinal);

    /// <summary>Topics whose messages report on many others, and how one is rewritten.</summary>
    public IReadOnlyDictionary<string, ReportRewriter> Reports { get; init; } = new Dictionary<string, ReportRewriter>();

    /// <summary>
    /// True if all that tells that a key is parked goes, with all its parked messages. Otherwise it stays, and every parked message must keep
    /// its number: those behind it are released by it.
    /// </summary>
    public bool DropsParked(string topic, MessageKey key) =>
        (subject.NamesKey(key) || (subject.Kind == ErasureKind.Tenant && finds.Keys.Contains(key))) && !_keptParked.Contains((topic, key));

    /// <summary>Searches everything, until nothing new is found.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await RoundAsync(fromStart: true, cancellationToken))
        {
            // What was made of what this round found may lie in a topic it had passed already.
        }
    }

    /// <summary>Searches what was appended since the last search; true if it found something.</summary>
    public Task<bool> FollowAsync(CancellationToken cancellationToken) => RoundAsync(fromStart: false, cancellationToken);

    private async Task<bool> RoundAsync(bool fromStart, CancellationToken cancellationToken)
    {
        var before = (finds.Count, finds.Identities.Count);
        if (fromStart)
        {
            _keptParked.Clear();
        }

        foreach (var topic in (await broker.ListTopicsAsync(cancellationToken)).Where(topic => !Books.Contains(topic.Settings.Name)))
        {
            foreach (var partition in topic.Partitions)
            {
                var place = (topic.Settings.Name, partition.Partition);
                var from = fromStart ? partition.LowOffset : _searchedUntil.GetValueOrDefault(place, partition.LowOffset);
                await SearchAsync(topic, partition.Partition, from, partition.HighOffset, cancellationToken);
                _searchedUntil[place] = partition.HighOffset;
            }
        }

        return before != (finds.Count, finds.Identities.Count);
    }

    private async Task SearchAsync(TopicDescription topic, int partition, long from, long until, CancellationToken cancellationToken)
    {
        var name = topic.Settings.Name;
        while (from < until && await broker.ReadAsync(new ReadRequest(name, partition, from, PageMessages), cancellationToken) is { Count: > 0 } page)
        {
            foreach (var stored in page)
            {
                Judge(name, stored);
            }

            Searched[name] = Searched.GetValueOrDefault(name) + page.Count;
            from = page[^1].Position.Offset + 1;
        }
    }

    private void Judge(string topic, StoredMessage stored)
    {
        var message = stored.Message;
        if (message.ContentType == OutcomeLayout.ContentType && OutcomeTopics.FlowOf(topic) is { } flow)
        {
            // Every row is judged, also behind the first that counts: each may name more to look for.
            var found = false;
            foreach (var row in OutcomeReader.Read(stored))
            {
                found |= JudgeRow(flow, row);
            }

            if (found)
            {
                finds.Add(topic, stored.Position);
            }

            return;
        }

        if (Reports.TryGetValue(topic, out var report))
        {
            if (report(stored, Names) is not null)
            {
                finds.Add(topic, stored.Position);
            }

            return;
        }

        if (finds.Contains(topic, stored.Position) || !(subject.Names(message) || IsMadeOf(message) || IsAbout(topic, message)))
        {
            if (FlowNames.IsParked(topic) && message.Key is { } key && !finds.Contains(topic, stored.Position))
            {
                _keptParked.Add((topic, new MessageKey(key.Bytes.ToArray())));
            }

            return;
        }

        finds.Add(topic, stored.Position);
        finds.AddIdentity(message.Source, message.Id.Value);
        if (message.Key is { } own && !TopicName.IsInternal(topic))
        {
            finds.AddKey(own);
        }
    }

    /// <summary>True if the row is the subject's; what its message became at its sinks is the subject's too.</summary>
    private bool JudgeRow(string flow, in OutcomeRow row)
    {
        if (!IsSubjects(row))
        {
            return false;
        }

        var id = Encoding.UTF8.GetString(row.Id.Span);
        finds.AddIdentity(row.Context.Source, id);
        foreach (var sink in row.Context.Sinks)
        {
            finds.AddIdentity(Provenance.SourceOf(flow), StableId.Of(row.Context.Source, id, flow, sink.Name));
        }

        return true;
    }

    /// <summary>True if an outcome is the subject's.</summary>
    public bool IsSubjects(in OutcomeRow row) =>
        (subject.Kind switch
        {
            ErasureKind.Key => row.Key is { } key && key.Span.SequenceEqual(subject.Value.Span),
            ErasureKind.Id => row.Id.Span.SequenceEqual(subject.Value.Span),
            _ => subject.Is(row.Context.Tenant),
        })
        || finds.HasIdentity(row.Context.Source, Encoding.UTF8.GetString(row.Id.Span));

    /// <summary>By what reports on messages are known to be of the subject's.</summary>
    public ErasedNames Names { get; } = subject.NamesOf(finds);

    /// <summary>An output names where the message it was made of stood; a recorded effect does so in its payload.</summary>
    private bool IsMadeOf(Message message) =>
        finds.HasIdentity(message.Source, message.Id.Value) || (message.Headers.Text(HeaderNames.Position) is { } position && IsFound(position));

    /// <summary>Recorded effects and later facts name their message inside.</summary>
    private bool IsAbout(string topic, Message message)
    {
        if (topic == OutcomeTopics.Facts)
        {
            return Text(message, "messageId", "receipt").Any(finds.IsFactAbout);
        }

        return topic.StartsWith(FlowNames.EffectPrefix, StringComparison.Ordinal) && Text(message, "position").Any(IsFound);
    }

    private bool IsFound(string position)
    {
        var last = position.LastIndexOf('/');
        var first = last > 0 ? position.LastIndexOf('/', last - 1) : -1;
        return first > 0
            && int.TryParse(position.AsSpan(first + 1, last - first - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            && long.TryParse(position.AsSpan(last + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            && finds.Contains(position[..first], new Position(partition, offset));
    }

    private static List<string> Text(Message message, params string[] members)
    {
        try
        {
            using var document = JsonDocument.Parse(message.Payload);
            return document.RootElement.ValueKind != JsonValueKind.Object ? [] : [.. members
                .Where(member => document.RootElement.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String)
                .Select(member => document.RootElement.GetProperty(member).GetString()!)];
        }
        catch (JsonException)
        {
            // A project may name a topic like one of ours and put anything into it: then it names nothing inside.
            return [];
        }
    }
}
