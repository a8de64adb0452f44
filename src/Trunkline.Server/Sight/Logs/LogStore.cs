using System.Text.Json;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Sight.Traces;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Sight.Logs;

/// <summary>What is looked for in the logs; null for anything.</summary>
internal sealed record LogQuery
{
    public string? Trace { get; init; }

    public string? Message { get; init; }

    public string? KeyMark { get; init; }

    public string? Flow { get; init; }

    /// <summary>Who owns the flow it is of, or the service that said it.</summary>
    public string? Owner { get; init; }

    /// <summary>The flows of that owner.</summary>
    public IReadOnlySet<string> Owned { get; init; } = new HashSet<string>();

    /// <summary>The service that said it; the node's own lines are of <see cref="KeptSpans.Service"/>.</summary>
    public string? Service { get; init; }

    public string? Text { get; init; }

    /// <summary>This bad or worse.</summary>
    public LogLevel Least { get; init; }

    public DateTimeOffset Since { get; init; }

    public bool Fits(LogLine line) =>
        line.Level >= Least && line.At >= Since
        && (Trace is null || string.Equals(line.Trace, Trace, StringComparison.OrdinalIgnoreCase)) && (Message is null || line.Message == Message) && (KeyMark is null || line.KeyMark == KeyMark)
        && (Flow is null || line.Flow == Flow) && (Owner is null || line.Owner == Owner || (line.Flow is not null && Owned.Contains(line.Flow)))
        && (Service is null || (line.Service ?? KeptSpans.Service) == Service)
        && (Text is null || line.Text.Contains(Text, StringComparison.OrdinalIgnoreCase) || line.Category.Contains(Text, StringComparison.OrdinalIgnoreCase));
}

/// <summary>What was found.</summary>
/// <param name="Lines">With the place of each.</param>
/// <param name="Rest">Where an older part begins that was not looked through; null if all was.</param>
/// <param name="End">The place the next line gets.</param>
internal sealed record LogFinding(IReadOnlyList<(long Place, LogLine Line)> Lines, long? Rest, long End);

/// <summary>Logs in the topic <c>trunkline.logs</c>, bounded by age and size. One writer; reading is thread-safe.</summary>
/// <param name="broker">Holds it.</param>
/// <param name="bytes">Bytes it may hold.</param>
internal sealed class LogStore(IBroker broker, long bytes)
{
    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.logs";

    /// <summary>Lines one question looks through.</summary>
    public const int LookedThroughMax = 100_000;

    /// <summary>How long lines are kept.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    private const int PageLines = 1000;

    // A line is of the time it is appended or before; clocks may be set back by less than this.
    private static readonly TimeSpan Disorder = TimeSpan.FromMinutes(1);

    private readonly TopicSettings _settings = new()
    {
        Name = TopicName,
        Partitions = 1,
        Durability = Durability.None,
        RetentionAge = KeptFor,
        RetentionBytes = bytes,
        DedupeWindow = TimeSpan.Zero,
    };

    private bool _isReady;

    /// <summary>Keeps lines, all or none.</summary>
    public async Task AppendAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
    {
        if (!_isReady)
        {
            await EnsureAsync(cancellationToken);
            _isReady = true;
        }

        await broker.AppendAsync(
            new TopicAppend
            {
                Topic = TopicName,
                Partition = 0,
                Messages = [.. lines.Select(line => new Message { Source = "trunkline", ContentType = "application/json", Payload = JsonSerializer.SerializeToUtf8Bytes(line, LogJson.Default.LogLine) })],
            },
            cancellationToken);
    }

    /// <summary>What stands in the place of a line that is of erased messages: nothing; null if it is of none.</summary>
    public static ErasedMessage? Without(StoredMessage stored, ErasedNames erased)
    {
        var line = LineOf(stored);
        return (line.Message is { } id && erased.IsMessage(id)) || (line.KeyMark is { } mark && erased.IsKeyMark(mark)) || erased.IsIn(line.Text) ? new ErasedMessage(stored.Position) : null;
    }

    private async Task EnsureAsync(CancellationToken cancellationToken)
    {
        try
        {
            if ((await broker.DescribeTopicAsync(TopicName, cancellationToken)).Settings.RetentionBytes != bytes)
            {
                await broker.AlterTopicAsync(_settings, cancellationToken);
            }
        }
        catch (BrokerException none) when (none.Code == BrokerErrorCode.TopicNotFound)
        {
            await broker.CreateTopicAsync(_settings, cancellationToken);
        }
    }

    /// <summary>The newest lines that fit, newest first.</summary>
    /// <param name="query">Which.</param>
    /// <param name="limit">Most lines.</param>
    /// <param name="before">Only lines before this place; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<LogFinding> FindAsync(LogQuery query, int limit, long? before, CancellationToken cancellationToken)
    {
        var found = new List<(long, LogLine)>();
        var (low, end) = await RangeAsync(cancellationToken);
        var stop = Math.Max(low, Math.Min(before ?? end, end) - LookedThroughMax);
        for (var until = Math.Min(before ?? end, end); until > low;)
        {
            if (until <= stop)
            {
                return new LogFinding(found, until, end);
            }

            var from = Math.Max(stop, until - PageLines);
            var page = await ReadAsync(from, until, cancellationToken);
            foreach (var (place, appended, line) in page.Reverse<(long Place, DateTimeOffset Appended, LogLine Line)>())
            {
                // The line may be of a service that told it late: none before it was appended later.
                if (appended + Disorder < query.Since)
                {
                    return new LogFinding(found, null, end);
                }

                if (query.Fits(line))
                {
                    found.Add((place, line));
                    if (found.Count == limit)
                    {
                        return new LogFinding(found, place > low ? place : null, end);
                    }
                }
            }

            until = from;
        }

        return new LogFinding(found, null, end);
    }

    /// <summary>The lines from a place on that fit, oldest first.</summary>
    public async Task<LogFinding> FollowAsync(LogQuery query, int limit, long from, CancellationToken cancellationToken)
    {
        var (low, end) = await RangeAsync(cancellationToken);
        var until = Math.Min(end, Math.Max(low, from) + PageLines);
        var fits = (await ReadAsync(Math.Max(low, from), until, cancellationToken)).Where(l => query.Fits(l.Line)).Take(limit).Select(l => (l.Place, l.Line)).ToList();
        return new LogFinding(fits, null, fits.Count == limit ? fits[^1].Place + 1 : Math.Min(end, until));
    }

    private async Task<(long Low, long End)> RangeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var partition = (await broker.DescribeTopicAsync(TopicName, cancellationToken)).Partitions[0];
            return (partition.LowOffset, partition.HighOffset);
        }
        catch (BrokerException none) when (none.Code == BrokerErrorCode.TopicNotFound)
        {
            return (0, 0);
        }
    }

    private async Task<List<(long Place, DateTimeOffset Appended, LogLine Line)>> ReadAsync(long from, long until, CancellationToken cancellationToken)
    {
        var lines = new List<(long, DateTimeOffset, LogLine)>();
        for (var at = from; at < until;)
        {
            var page = await broker.ReadAsync(new ReadRequest(TopicName, 0, at, (int)(until - at)), cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            lines.AddRange(page.Where(m => m.Position.Offset < until).Select(m => (m.Position.Offset, m.AppendedAt, LineOf(m))));
            at = page[^1].Position.Offset + 1;
        }

        return lines;
    }

    private static LogLine LineOf(StoredMessage stored)
    {
        try
        {
            return JsonSerializer.Deserialize(stored.Message.Payload.Span, LogJson.Default.LogLine) ?? throw new JsonException("null");
        }
        catch (JsonException damage)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, FormattableString.Invariant($"Offset {stored.Position.Offset} of '{TopicName}' is not what Trunkline writes there."), damage);
        }
    }
}
