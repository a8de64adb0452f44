using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Server.Sight.Figures;

/// <summary>
/// Figures that outlive the node, in three of its own topics: minutes for 48 hours, hours for 30 days, days for 24 months. A message is a slot;
/// retention bounds them. Hours and days are added up of what is kept, so that a node that was away has nothing to make good but what it missed.
/// One writer; reading is thread-safe.
/// </summary>
/// <param name="broker">Holds the topics.</param>
/// <param name="name">What the figures are of: the topics are <c>trunkline.NAME.minute</c>, <c>.hour</c> and <c>.day</c>.</param>
internal sealed class FigureStore(IBroker broker, string name)
{
    private const int PageMessages = 64;
    private const int SlotBytesMax = 8 * 1024 * 1024;

    // What is told late stands behind a slot that began after it, by less than this.
    private static readonly TimeSpan Disorder = TimeSpan.FromMinutes(5);

    private readonly Dictionary<FigureSpan, DateTimeOffset> _next = [];
    private bool _isReady;

    /// <summary>How long slots are kept.</summary>
    public static TimeSpan KeptFor(FigureSpan span) => span switch
    {
        FigureSpan.Minute => TimeSpan.FromHours(48),
        FigureSpan.Hour => TimeSpan.FromDays(30),
        _ => TimeSpan.FromDays(731),
    };

    /// <summary>How long a slot is.</summary>
    public static TimeSpan LengthOf(FigureSpan span) => span switch
    {
        FigureSpan.Minute => TimeSpan.FromMinutes(1),
        FigureSpan.Hour => TimeSpan.FromHours(1),
        _ => TimeSpan.FromDays(1),
    };

    /// <summary>The beginning of the slot a time is in.</summary>
    public static DateTimeOffset StartOf(FigureSpan span, DateTimeOffset at)
    {
        var length = LengthOf(span).Ticks;
        return new DateTimeOffset(at.UtcTicks / length * length, TimeSpan.Zero);
    }

    /// <summary>Keeps minutes that are over, oldest first, all or none; then the hours and days that are over by that.</summary>
    public async Task AddAsync(IReadOnlyList<FigureSlot> minutes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await EnsureAsync(now, cancellationToken);
        if (minutes.Count > 0)
        {
            await AppendAsync(FigureSpan.Minute, minutes, cancellationToken);
        }

        await SumAsync(FigureSpan.Minute, FigureSpan.Hour, now, cancellationToken);
        await SumAsync(FigureSpan.Hour, FigureSpan.Day, now, cancellationToken);
    }

    /// <summary>The slots that begin in a time, in about that order; a time may have several.</summary>
    public async Task<List<FigureSlot>> ReadAsync(FigureSpan span, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var slots = new List<FigureSlot>();
        try
        {
            // A slot is appended when it is over, so none that began later stands before this place.
            for (var at = await broker.OffsetAtAsync(TopicOf(span), 0, from, cancellationToken); ;)
            {
                var page = await broker.ReadAsync(new ReadRequest(TopicOf(span), 0, at, PageMessages), cancellationToken);
                if (page.Count == 0)
                {
                    return slots;
                }

                foreach (var slot in page.Where(m => m.Message.ContentType == FigureCodec.ContentType).Select(FigureCodec.Read))
                {
                    if (slot.Start - Disorder >= until)
                    {
                        return slots;
                    }

                    if (slot.Start >= from && slot.Start < until)
                    {
                        slots.Add(slot);
                    }
                }

                at = page[^1].Position.Offset + 1;
            }
        }
        catch (BrokerException none) when (none.Code == BrokerErrorCode.TopicNotFound)
        {
            return slots;
        }
    }

    /// <summary>Makes the topics at the first figure: a node that keeps none has none. Then finds out how far it came before.</summary>
    private async Task EnsureAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_isReady)
        {
            return;
        }

        foreach (var span in Enum.GetValues<FigureSpan>())
        {
            await broker.CreateTopicAsync(
                new TopicSettings
                {
                    Name = TopicOf(span),
                    Partitions = 1,
                    Durability = Durability.None,
                    MessageBytesMax = SlotBytesMax,
                    RetentionAge = KeptFor(span),
                    DedupeWindow = TimeSpan.Zero,
                },
                cancellationToken);
        }

        foreach (var (part, sum) in new[] { (FigureSpan.Minute, FigureSpan.Hour), (FigureSpan.Hour, FigureSpan.Day) })
        {
            var last = await LastAsync(sum, cancellationToken);
            var first = last is { } slot ? slot.Start + LengthOf(sum) : (await ReadAsync(part, now - KeptFor(part), now, cancellationToken)).FirstOrDefault()?.Start ?? now;
            _next[sum] = StartOf(sum, first);
        }

        _isReady = true;
    }

    private async Task SumAsync(FigureSpan part, FigureSpan sum, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var end = StartOf(sum, now);
        if (_next[sum] >= end)
        {
            return;
        }

        // One reading for all that is missing: after a long pause these may be many.
        var parts = await ReadAsync(part, _next[sum], end, cancellationToken);
        var sums = parts.GroupBy(p => StartOf(sum, p.Start)).Select(group => FigureSlot.Sum(sum, group.Key, group)).ToList();
        if (sums.Count > 0)
        {
            await AppendAsync(sum, sums, cancellationToken);
        }

        _next[sum] = end;
    }

    private async Task<FigureSlot?> LastAsync(FigureSpan span, CancellationToken cancellationToken)
    {
        var end = (await broker.DescribeTopicAsync(TopicOf(span), cancellationToken)).Partitions[0].HighOffset;
        var page = end == 0 ? [] : await broker.ReadAsync(new ReadRequest(TopicOf(span), 0, end - 1, 1), cancellationToken);
        return page is [var stored] ? FigureCodec.Read(stored) : null;
    }

    private async Task AppendAsync(FigureSpan span, IReadOnlyList<FigureSlot> slots, CancellationToken cancellationToken) => await broker.AppendAsync(
        new TopicAppend
        {
            Topic = TopicOf(span),
            Partition = 0,
            Messages = [.. slots.Select(slot => new Message { Source = "trunkline", ContentType = FigureCodec.ContentType, Payload = FigureCodec.Write(slot) })],
        },
        cancellationToken);

    private string TopicOf(FigureSpan span) => $"trunkline.{name}.{span.ToString().ToLowerInvariant()}";
}
