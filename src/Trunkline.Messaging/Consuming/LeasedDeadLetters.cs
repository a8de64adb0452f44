using System.Globalization;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Messaging.Consuming;

/// <summary>Where a consumer's rejected and exhausted messages go.</summary>
internal sealed class LeasedDeadLetters(IBroker broker, LeasedConsumerOptions options)
{
    public const string Rejected = "rejected";
    public const string Exhausted = "deliveries-exhausted";
    private const int DetailLengthMax = 1024;
    private const int HeaderBytes = 16 * 1024;

    private readonly string _topic = options.DeadLetterTopic ?? $"{options.Group}.dead";
    private bool _created;

    /// <summary>Creates the topic like the one consumed, with room for the headers; one that exists is taken as it is.</summary>
    public async ValueTask EnsureTopicAsync(CancellationToken cancellationToken)
    {
        if (_created)
        {
            return;
        }

        var source = (await broker.DescribeTopicAsync(options.Topic, cancellationToken).ConfigureAwait(false)).Settings;
        try
        {
            await broker.CreateTopicAsync(source with
            {
                Name = _topic,
                RetentionAge = null,
                RetentionBytes = null,
                Compacted = false,
                MessageBytesMax = (int)Math.Min(int.MaxValue, (long)source.MessageBytesMax + HeaderBytes),
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (BrokerException exists) when (exists.Code == BrokerErrorCode.TopicConflict)
        {
            // Someone made it with settings of their own.
        }

        _created = true;
    }

    /// <summary>The append of dead letters; on brokers without atomic commit a repeat is recognised by its id.</summary>
    public TopicAppend Append(IEnumerable<(LeasedItem Item, string Cause, string Detail)> dead) => new()
    {
        Topic = _topic,
        Messages = [.. dead.Select(d => Letter(d.Item, d.Cause, d.Detail))],
        Dedupe = !broker.Capabilities.HasFlag(BrokerCapabilities.AtomicCommit) && broker.Capabilities.HasFlag(BrokerCapabilities.DedupeById)
            ? DedupeMode.ById
            : DedupeMode.None,
    };

    private Message Letter(LeasedItem item, string cause, string detail)
    {
        var message = item.Stored.Message;
        return new Message
        {
            Id = message.Id,
            Source = message.Source,
            Time = message.Time,
            Key = message.Key,
            ContentType = message.ContentType,
            Payload = message.Payload,
            Headers = message.Headers
                .With(HeaderNames.Cause, cause)
                .With(HeaderNames.CauseDetail, detail.Length > DetailLengthMax ? detail[..DetailLengthMax] : detail)
                .With(HeaderNames.Step, options.Group)
                .With(HeaderNames.Attempts, item.Deliveries.ToString(CultureInfo.InvariantCulture))
                .With(HeaderNames.Position, $"{options.Topic}/{item.Stored.Position}"),
        };
    }
}
