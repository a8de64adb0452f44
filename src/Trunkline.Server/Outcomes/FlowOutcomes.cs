using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Outcomes;

/// <summary>
/// The views over one flow's outcome topic: where to find a message, and fidelity. Made by reading the topic, from its oldest message at
/// the first question and from where it stood at the next, so that a flow nobody asks about costs nothing. One caller at a time.
/// </summary>
internal sealed class FlowOutcomes(IBroker broker, string flow)
{
    /// <summary>Bytes of the index: about two million messages.</summary>
    public const long IndexBytesMax = 24L * 1024 * 1024;

    private const int PageMessages = 256;

    /// <summary>Rows one look at the newest reads at most.</summary>
    private const int LookedMax = 100_000;

    private readonly string _topic = OutcomeTopics.Of(flow);
    private readonly OutcomeIndex _index = new(IndexBytesMax);
    private long _next;

    public string Flow => flow;

    /// <summary>Fidelity by minute and tenant.</summary>
    public FidelityTally Tally { get; } = new();

    /// <summary>Reads what was written since the last time.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        while (await PageAsync(_next, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var stored in page)
            {
                Add(stored);
                _next = stored.Position.Offset + 1;
            }
        }
    }

    /// <summary>The rows of the messages with an id, a key or a place, in the order they were written, at most about so many.</summary>
    public async Task<List<(OutcomeRow Row, DateTimeOffset At)>> FindAsync(OutcomeWanted wanted, int limit, CancellationToken cancellationToken)
    {
        var found = new List<(OutcomeRow, DateTimeOffset)>();
        await ReadOlderAsync(wanted, found, cancellationToken);
        foreach (var offset in _index.Find(wanted.Hash))
        {
            var page = await broker.ReadAsync(new ReadRequest(_topic, 0, offset, 1), cancellationToken);
            if (page.Count > 0 && page[0].Position.Offset == offset)
            {
                Take(page[0], wanted, found);
            }
        }

        // The newest are what is asked for.
        return found.Count > limit ? found[^limit..] : found;
    }

    /// <summary>The newest rows that fit, newest first, about so many; and where to look further back, null if all was looked through.</summary>
    public async Task<(List<OutcomeRow> Rows, long? Before)> NewestAsync(
        Func<OutcomeRow, bool> fits, DateTimeOffset since, long? before, int limit, CancellationToken cancellationToken)
    {
        var found = new List<OutcomeRow>();
        var looked = 0;
        var at = Math.Min(before ?? _next, _next);
        while (at > 0 && found.Count < limit && looked < LookedMax)
        {
            var from = Math.Max(0, at - PageMessages);
            var page = (await PageAsync(from, cancellationToken)).Where(stored => stored.Position.Offset < at).ToList();
            if (page.Count == 0)
            {
                // Retention has taken what was before.
                return (found, null);
            }

            foreach (var stored in page.AsEnumerable().Reverse().TakeWhile(_ => found.Count < limit))
            {
                if (stored.AppendedAt < since)
                {
                    return (found, null);
                }

                var rows = OutcomeReader.Read(stored);
                looked += rows.Count;
                found.AddRange(rows.AsEnumerable().Reverse().Where(fits));
                at = stored.Position.Offset;
            }
        }

        return (found, at > 0 ? at : null);
    }

    /// <summary>What the index has let go is looked for by reading, up to what retention keeps.</summary>
    private async Task ReadOlderAsync(OutcomeWanted wanted, List<(OutcomeRow, DateTimeOffset)> found, CancellationToken cancellationToken)
    {
        for (long at = 0; at < _index.From;)
        {
            var page = await PageAsync(at, cancellationToken);
            if (page.Count == 0)
            {
                return;
            }

            foreach (var stored in page.Where(stored => stored.Position.Offset < _index.From))
            {
                Take(stored, wanted, found);
            }

            at = page[^1].Position.Offset + 1;
        }
    }

    private static void Take(StoredMessage stored, OutcomeWanted wanted, List<(OutcomeRow, DateTimeOffset)> found)
    {
        foreach (var row in OutcomeReader.Read(stored))
        {
            if (wanted.Is(row))
            {
                found.Add((row, stored.AppendedAt));
            }
        }
    }

    private void Add(StoredMessage stored)
    {
        _index.Begin();
        foreach (var row in OutcomeReader.Read(stored))
        {
            Tally.Add(row, stored.AppendedAt);
            _index.Add(OutcomeIndex.OfId(row.Id.Span));
            _index.Add(OutcomeIndex.OfPlace(row.Partition, row.Offset));
            if (row.Key is { } key)
            {
                _index.Add(OutcomeIndex.OfKey(key.Span));
            }
        }

        _index.End(stored.Position.Offset);
    }

    private async ValueTask<IReadOnlyList<StoredMessage>> PageAsync(long offset, CancellationToken cancellationToken)
    {
        try
        {
            return await broker.ReadAsync(new ReadRequest(_topic, 0, offset, PageMessages), cancellationToken);
        }
        catch (BrokerException gone) when (gone.Code == BrokerErrorCode.TopicNotFound)
        {
            return [];
        }
    }
}

/// <summary>What is looked for: exactly one of an id, a key and a place.</summary>
internal sealed record OutcomeWanted
{
    private readonly byte[]? _id;
    private readonly MessageKey? _key;
    private readonly Position? _place;

    private OutcomeWanted(uint hash, byte[]? id, MessageKey? key, Position? place) => (Hash, _id, _key, _place) = (hash, id, key, place);

    public uint Hash { get; }

    public static OutcomeWanted Id(string id)
    {
        var bytes = Encoding.UTF8.GetBytes(id);
        return new OutcomeWanted(OutcomeIndex.OfId(bytes), bytes, null, null);
    }

    public static OutcomeWanted Key(MessageKey key) => new(OutcomeIndex.OfKey(key.Bytes.Span), null, key, null);

    public static OutcomeWanted Place(int partition, long offset) =>
        new(OutcomeIndex.OfPlace(partition, offset), null, null, new Position(partition, offset));

    public bool Is(in OutcomeRow row) =>
        _id is not null ? row.Id.Span.SequenceEqual(_id)
        : _key is { } key ? row.Key is { } own && own.Span.SequenceEqual(key.Bytes.Span)
        : _place is { } place && row.Partition == place.Partition && row.Offset == place.Offset;
}
