using System.Globalization;
using Trunkline.Core.Errors;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Replays;

namespace Trunkline.Server.Api;

/// <summary>Which messages of a topic a replay takes: from and to a time, or a position.</summary>
internal sealed class ReplayRange(IBroker broker, string topic)
{
    /// <summary>The range, partition by partition.</summary>
    /// <exception cref="ProblemException">A bound is neither, or the two name different partitions.</exception>
    public async Task<IReadOnlyList<ReplayPart>> ResolveAsync(string? from, string? to, CancellationToken cancellationToken)
    {
        var (first, last) = (Bound.Parse("from", from), Bound.Parse("to", to));
        if (first?.Partition is { } one && last?.Partition is { } other && one != other)
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, "'from' and 'to' name different partitions.");
        }

        var only = first?.Partition ?? last?.Partition;
        var parts = new List<ReplayPart>();
        foreach (var partition in (await broker.DescribeTopicAsync(topic, cancellationToken)).Partitions.Where(p => only is null || p.Partition == only))
        {
            var begin = await OffsetAsync(first, partition, partition.LowOffset, cancellationToken);
            var end = await OffsetAsync(last, partition, partition.HighOffset, cancellationToken);
            if (begin < end)
            {
                parts.Add(new ReplayPart(partition.Partition, begin, end));
            }
        }

        return parts;
    }

    private async Task<long> OffsetAsync(Bound? bound, PartitionDescription partition, long otherwise, CancellationToken cancellationToken)
    {
        var offset = bound switch
        {
            null => otherwise,
            { Time: { } time } => await broker.OffsetAtAsync(topic, partition.Partition, time, cancellationToken),
            _ => bound.Offset,
        };
        return Math.Clamp(offset, partition.LowOffset, partition.HighOffset);
    }

    /// <summary>A time, or a partition with an offset.</summary>
    private sealed record Bound(DateTimeOffset? Time, int? Partition, long Offset)
    {
        public static Bound? Parse(string name, string? text)
        {
            if (string.IsNullOrEmpty(text))
            {
                return null;
            }

            var parts = text.Split('/');
            if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
                && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            {
                return new Bound(null, partition, offset);
            }

            try
            {
                return new Bound(ReadStart.ParseTime(text), null, 0);
            }
            catch (ProblemException)
            {
                throw new ProblemException(ErrorCodes.RequestBodyInvalid, $"'{name}' is a time such as 2026-01-31T12:00:00Z, or partition/offset such as 3/1200.");
            }
        }
    }
}
