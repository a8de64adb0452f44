using Trunkline.Messaging.Brokers;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Releases;

/// <summary>The log of changes over the topic <c>trunkline.changes</c>: appended to, never altered. Thread-safe.</summary>
internal sealed class ChangeLog
{
    /// <summary>The most entries one page holds.</summary>
    public const int PageMax = 1000;

    private readonly IBroker _broker;
    private readonly InternalTopic _topic;
    private readonly TimeProvider _time;

    private ChangeLog(IBroker broker, TimeProvider time) => (_broker, _topic, _time) = (broker, new InternalTopic(broker, TopicName, compacted: false), time);

    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.changes";

    /// <summary>Opens the log, creating its topic if need be.</summary>
    public static async Task<ChangeLog> OpenAsync(IBroker broker, TimeProvider time, CancellationToken cancellationToken)
    {
        var log = new ChangeLog(broker, time);
        await log._topic.EnsureAsync(cancellationToken);
        return log;
    }

    /// <summary>A new entry, as of now.</summary>
    public Change Entry(string who, string what, string target, (string? From, string? To) state, string? detail) =>
        new(Guid.CreateVersion7(_time.GetUtcNow()).ToString("N"), _time.GetUtcNow(), who, what, target, state.From, state.To, detail);

    /// <summary>The append of an entry, for a unit that does more.</summary>
    public TopicAppend Append(Change change) => _topic.Append(null, change, ReleaseJson.Default.Change);

    /// <summary>Writes an entry; durable when it returns.</summary>
    public async Task WriteAsync(Change change, CancellationToken cancellationToken) => await _broker.AppendAsync(Append(change), cancellationToken);

    /// <summary>Entries, newest first.</summary>
    /// <param name="limit">1 to <see cref="PageMax"/>.</param>
    /// <param name="before">Only entries below this offset; null for the newest.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<ChangePage> ReadAsync(int limit, long? before, CancellationToken cancellationToken)
    {
        var end = await _topic.EndAsync(cancellationToken);
        end = Math.Min(before ?? end, end);
        var from = Math.Max(0, end - limit);
        var changes = new List<Change>();
        await foreach (var message in _topic.ReadAsync(from, cancellationToken))
        {
            if (message.Position.Offset >= end)
            {
                break;
            }

            changes.Add(_topic.Value(message, ReleaseJson.Default.Change));
        }

        changes.Reverse();
        return new ChangePage(changes, from > 0 ? from : null);
    }
}

/// <summary>A page of changes.</summary>
/// <param name="Changes">Newest first.</param>
/// <param name="Before">Where the next page begins; null if there is none.</param>
internal sealed record ChangePage(IReadOnlyList<Change> Changes, long? Before);
