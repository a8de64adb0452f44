using System.Runtime.CompilerServices;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Redrives;

namespace Trunkline.Server.DeadLetters;

/// <summary>Reads the dead letters of flows and groups, with what was done with them. Thread-safe.</summary>
internal sealed class DeadLetterStore(IBroker broker)
{
    private const string Suffix = ".dead";
    private const int PageMessages = 500;

    /// <summary>Those who have dead letters, by name: flows, removed flows too, and groups.</summary>
    public async ValueTask<IReadOnlyList<string>> OwnersAsync(CancellationToken cancellationToken) =>
    [
        .. (await broker.ListTopicsAsync(cancellationToken)).Select(t => t.Settings.Name)
            .Where(name => name.EndsWith(Suffix, StringComparison.Ordinal) && name.Length > Suffix.Length)
            .Select(name => name[..^Suffix.Length]).Order(StringComparer.Ordinal),
    ];

    /// <summary>The extent of a flow's dead letters; null if it has no such topic.</summary>
    public async ValueTask<IReadOnlyList<PartitionDescription>?> ExtentAsync(string flow, CancellationToken cancellationToken)
    {
        try
        {
            return (await broker.DescribeTopicAsync(FlowNames.Dead(flow), cancellationToken)).Partitions;
        }
        catch (BrokerException missing) when (missing.Code is BrokerErrorCode.TopicNotFound or BrokerErrorCode.TopicNameInvalid)
        {
            return null;
        }
    }

    /// <summary>One dead letter; null if there is none at this place.</summary>
    public async ValueTask<DeadLetterRecord?> FindAsync(string flow, LetterPlace place, CancellationToken cancellationToken)
    {
        if (await ExtentAsync(flow, cancellationToken) is not { } extent || place.Partition < 0 || place.Partition >= extent.Count
            || place.Offset < extent[place.Partition].LowOffset || place.Offset >= extent[place.Partition].HighOffset)
        {
            return null;
        }

        var read = await broker.ReadAsync(new ReadRequest(FlowNames.Dead(flow), place.Partition, place.Offset, 1), cancellationToken);
        return read.Count == 1 && read[0].Position.Offset == place.Offset
            ? new DeadLetterRecord(flow, read[0], await LetterMark.FindAsync(broker, flow, place, cancellationToken))
            : null;
    }

    /// <summary>The open dead letter of the message at a place of a source; null if there is none.</summary>
    public async ValueTask<DeadLetterRecord?> FindByOriginalAsync(string flow, string topic, Position original, CancellationToken cancellationToken)
    {
        DeadLetterRecord? found = null;
        await foreach (var letter in ReadAsync(flow, cancellationToken))
        {
            if (letter.Mark is null && letter.OriginalPlace is var (at, position) && at == topic && position == original)
            {
                found = letter;
            }
        }

        return found;
    }

    /// <summary>All dead letters of a flow, partition by partition, oldest first, up to the ends as of now; nothing if it has none.</summary>
    public async IAsyncEnumerable<DeadLetterRecord> ReadAsync(string flow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var partition in await ExtentAsync(flow, cancellationToken) ?? [])
        {
            await foreach (var letter in ReadAsync(flow, partition.Partition, partition.LowOffset, partition.HighOffset, cancellationToken))
            {
                yield return letter;
            }
        }
    }

    /// <summary>Dead letters of one partition, oldest first.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="from">The first offset.</param>
    /// <param name="until">The offset after the last.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<DeadLetterRecord> ReadAsync(
        string flow, int partition, long from, long until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (from >= until)
        {
            yield break;
        }

        var marks = await LetterMark.LoadAsync(broker, flow, partition, cancellationToken);
        for (var next = from; next < until;)
        {
            var read = await broker.ReadAsync(new ReadRequest(FlowNames.Dead(flow), partition, next, PageMessages), cancellationToken);
            if (read.Count == 0)
            {
                yield break;
            }

            foreach (var stored in read)
            {
                if (stored.Position.Offset >= until)
                {
                    yield break;
                }

                yield return new DeadLetterRecord(flow, stored, marks.TryGetValue(stored.Position.Offset, out var mark) ? mark : null);
            }

            next = read[^1].Position.Offset + 1;
        }
    }

    /// <summary>How many are open.</summary>
    public async ValueTask<long> CountOpenAsync(string flow, CancellationToken cancellationToken)
    {
        var open = 0L;
        foreach (var partition in await ExtentAsync(flow, cancellationToken) ?? [])
        {
            var marks = await LetterMark.LoadAsync(broker, flow, partition.Partition, cancellationToken);
            open += partition.HighOffset - partition.LowOffset - marks.Keys.Count(offset => offset >= partition.LowOffset && offset < partition.HighOffset);
        }

        return open;
    }

    /// <summary>Removes marks of dead letters that are gone.</summary>
    public async Task CleanAsync(string flow, CancellationToken cancellationToken)
    {
        foreach (var partition in await ExtentAsync(flow, cancellationToken) ?? [])
        {
            var marks = await LetterMark.LoadAsync(broker, flow, partition.Partition, cancellationToken);
            foreach (var gone in marks.Keys.Where(offset => offset < partition.LowOffset).Chunk(1000))
            {
                StateWrite[] writes = [.. gone.Select(offset => LetterMark.Delete(flow, new LetterPlace(partition.Partition, offset)))];
                await broker.CommitAsync(new CommitUnit { State = writes }, cancellationToken);
            }
        }
    }
}
