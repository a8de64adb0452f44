using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Sight.Traces;

/// <summary>
/// Keeps traces in the topic <see cref="Topic"/>, which a bound of bytes and of age empties from its beginning. A message is a request of OTLP with spans of
/// any traces; where each stands is known in memory, and found again by reading the topic when a node starts. Thread-safe.
/// </summary>
/// <param name="broker">Holds it.</param>
/// <param name="queue">Where spans wait.</param>
/// <param name="bytes">Bytes it may hold.</param>
internal sealed class TraceStore(IBroker broker, TraceQueue queue, long bytes) : IDisposable
{
    /// <summary>The topic.</summary>
    public const string Topic = "trunkline.traces";

    /// <summary>Content type of its messages.</summary>
    public const string ContentType = "application/x-protobuf";

    /// <summary>Traces that belong together, at most.</summary>
    public const int LinkedMax = 64;

    private const int SpansPerMessage = 512;
    private const int PageMessages = 16;
    private static readonly TimeSpan Age = TimeSpan.FromHours(48);

    private readonly TraceIndex _index = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TopicSettings _settings = new()
    {
        Name = Topic,
        Partitions = 1,
        Durability = Durability.None,
        RetentionAge = Age,
        RetentionBytes = bytes,
        DedupeWindow = TimeSpan.Zero,
    };

    private bool _isOpen;
    private volatile bool _isThere;

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();

    /// <summary>A message of the topic without the traces of messages that are erased; null if it has none of them. They are forgotten here too.</summary>
    public ErasedMessage? Without(StoredMessage stored, ErasedNames erased)
    {
        var spans = SpansOf(stored);
        var gone = spans.Where(s => (s[SpanNames.MessageId] is { } id && erased.IsMessage(id)) || s.Attributes.Any(a => erased.IsIn(a.Value))).Select(s => s.Trace).ToHashSet(StringComparer.Ordinal);
        if (gone.Count == 0)
        {
            return null;
        }

        _index.Remove(gone);
        var kept = spans.FindAll(s => !gone.Contains(s.Trace));
        return new ErasedMessage(stored.Position, kept.Count == 0 ? null : MessageOf(kept));
    }

    /// <summary>Finds out what is kept.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await LoadAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_isOpen)
        {
            return;
        }

        try
        {
            var topic = await broker.DescribeTopicAsync(Topic, cancellationToken);
            if (topic.Settings.RetentionBytes != bytes)
            {
                await broker.AlterTopicAsync(_settings, cancellationToken);
            }

            var partition = topic.Partitions[0];
            await foreach (var (offset, spans) in ReadAsync(partition.LowOffset, partition.HighOffset, cancellationToken))
            {
                _index.Add(spans, offset);
            }

            _isThere = true;
        }
        catch (BrokerException none) when (none.Code == BrokerErrorCode.TopicNotFound)
        {
            // A node that kept none has no topic.
        }

        _isOpen = true;
    }

    /// <summary>Keeps the spans that wait; those that are kept already, or find their trace full, are not kept again.</summary>
    /// <exception cref="BrokerException">They could not be kept, and are lost.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        var spans = queue.Take();
        try
        {
            await AddAsync(spans, cancellationToken);
        }
        catch (BrokerException)
        {
            // Traces are worth less than the memory they would wait in.
            TraceMeter.Dropped(spans.Count);
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task AddAsync(IReadOnlyList<TraceSpan> spans, CancellationToken cancellationToken)
    {
        if (spans.Count == 0)
        {
            return;
        }

        await EnsureAsync(cancellationToken);
        foreach (var chunk in spans.Chunk(SpansPerMessage))
        {
            var added = _index.Unknown(chunk);
            TraceMeter.Repeated(chunk.Length - added.Count);
            if (added.Count > 0)
            {
                var appended = await broker.AppendAsync(
                    new TopicAppend { Topic = Topic, Partition = 0, Messages = [MessageOf(added)] },
                    cancellationToken);
                _index.Add(added, appended[0].Position.Offset);
            }
        }

        _index.Forget((await broker.DescribeTopicAsync(Topic, cancellationToken)).Partitions[0].LowOffset);
    }

    /// <summary>The traces that fit, the last to begin first.</summary>
    public List<TraceEntry> Find(Func<TraceEntry, bool> fits, int max) => _index.Find(fits, max);

    /// <summary>The spans of a trace, with those of the traces it is linked to; none if it is not kept.</summary>
    /// <param name="trace">Its id.</param>
    /// <param name="isAlone">True for the trace alone.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<List<TraceSpan>> ReadAsync(string trace, bool isAlone, CancellationToken cancellationToken)
    {
        var (traces, offsets) = _index.Around(trace, isAlone ? 1 : LinkedMax);
        var found = new List<TraceSpan>();
        foreach (var offset in offsets)
        {
            await foreach (var (_, spans) in ReadAsync(offset, offset + 1, cancellationToken))
            {
                found.AddRange(spans.Where(s => traces.Contains(s.Trace)));
            }
        }

        return found;
    }

    /// <summary>The spans kept since a time, in the order they came; the last, if there are more than so many.</summary>
    public async Task<List<TraceSpan>> SinceAsync(DateTimeOffset since, int max, CancellationToken cancellationToken)
    {
        var found = new List<TraceSpan>();
        if (!_isThere)
        {
            return found;
        }

        var from = await broker.OffsetAtAsync(Topic, 0, since, cancellationToken);
        var end = (await broker.DescribeTopicAsync(Topic, cancellationToken)).Partitions[0].HighOffset;
        await foreach (var (_, spans) in ReadAsync(from, end, cancellationToken))
        {
            found.AddRange(spans);
            if (found.Count > 2 * max)
            {
                found.RemoveRange(0, found.Count - max);
            }
        }

        return found.Count > max ? found[^max..] : found;
    }

    private async Task EnsureAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        if (_isThere)
        {
            return;
        }

        await broker.CreateTopicAsync(_settings, cancellationToken);
        _isThere = true;
    }

    private async IAsyncEnumerable<(long Offset, List<TraceSpan> Spans)> ReadAsync(
        long from, long until, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (from < until)
        {
            var page = await broker.ReadAsync(new ReadRequest(Topic, 0, from, (int)Math.Min(PageMessages, until - from)), cancellationToken);
            if (page.Count == 0)
            {
                yield break;
            }

            foreach (var stored in page.Where(m => m.Position.Offset < until))
            {
                yield return (stored.Position.Offset, SpansOf(stored));
            }

            from = page[^1].Position.Offset + 1;
        }
    }

    private static Message MessageOf(IReadOnlyList<TraceSpan> spans) => new() { Source = "trunkline", ContentType = ContentType, Payload = OtlpWriter.Write(spans) };

    private static List<TraceSpan> SpansOf(StoredMessage stored)
    {
        var batch = new SpanBatch(TraceTime.Of(stored.AppendedAt));
        try
        {
            OtlpReader.Spans(stored.Message.Payload.Span, batch);
            return batch.Spans;
        }
        catch (InvalidDataException damage)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, FormattableString.Invariant($"The traces at offset {stored.Position.Offset} cannot be read: {damage.Message}."), damage);
        }
    }
}
