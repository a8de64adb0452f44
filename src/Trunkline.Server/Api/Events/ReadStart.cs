using System.Globalization;
using Trunkline.Core.Errors;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Events;

/// <summary>Where a reader without a group wants to begin; combinations that contradict each other are refused.</summary>
/// <param name="Partition">Only this partition, or null for all.</param>
/// <param name="Offset">From this offset; needs a partition.</param>
/// <param name="Time">From the first message appended at or after it.</param>
/// <param name="Cursor">Goes on where an answer ended.</param>
internal sealed record ReadStart(int? Partition, long? Offset, DateTimeOffset? Time, string? Cursor)
{
    /// <summary>Where to begin if nothing is said.</summary>
    public enum Fallback
    {
        /// <summary>At the oldest message.</summary>
        Earliest,

        /// <summary>At the end.</summary>
        Latest,
    }

    /// <summary>Reads an RFC 3339 time, or null.</summary>
    public static DateTimeOffset? ParseTime(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        // A plus sign in a query means a space unless it is encoded; a time with one can mean only the plus.
        return DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text.Contains('T', StringComparison.OrdinalIgnoreCase)
            ? time
            : throw new ProblemException(ErrorCodes.RequestParameterInvalid, "time is an RFC 3339 time, such as 2026-01-31T12:00:00Z.");
    }

    /// <summary>The offsets to begin at.</summary>
    public async ValueTask<TopicCursor> ResolveAsync(IBroker broker, TopicDescription topic, Fallback fallback, CancellationToken cancellationToken)
    {
        var partitions = topic.Partitions;
        if (Cursor is not null)
        {
            return Partition is null && Offset is null && Time is null
                ? TopicCursor.Parse(Cursor, topic.Settings.Name, partitions.Count)
                : throw new ProblemException(ErrorCodes.RequestParameterInvalid, "cursor excludes partition, offset and time.");
        }

        if (Offset is not null && (Partition is null || Time is not null || Offset < 0))
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, "offset is 0 or more, needs partition and excludes time.");
        }

        if (Partition is { } one)
        {
            return one >= 0 && one < partitions.Count
                ? TopicCursor.One(one, Offset ?? await StartAsync(broker, topic, one, fallback, cancellationToken))
                : throw new ProblemException(ErrorCodes.TopicPartitionNotFound, $"Topic {topic.Settings.Name} has partitions 0 to {partitions.Count - 1}.");
        }

        var next = new long[partitions.Count];
        for (var i = 0; i < next.Length; i++)
        {
            next[i] = await StartAsync(broker, topic, i, fallback, cancellationToken);
        }

        return TopicCursor.All(next);
    }

    private ValueTask<long> StartAsync(IBroker broker, TopicDescription topic, int partition, Fallback fallback, CancellationToken cancellationToken) =>
        Time is { } time ? broker.OffsetAtAsync(topic.Settings.Name, partition, time, cancellationToken)
        : ValueTask.FromResult(fallback == Fallback.Earliest ? topic.Partitions[partition].LowOffset : topic.Partitions[partition].HighOffset);
}
