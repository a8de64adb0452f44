using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Server.Topics;

/// <summary>One of Trunkline's own topics with one partition, so that all its messages have one order.</summary>
/// <param name="broker">Holds it.</param>
/// <param name="name">Its name.</param>
/// <param name="compacted">Whether only the newest message of a key counts.</param>
internal sealed class InternalTopic(IBroker broker, string name, bool compacted)
{
    private const int PageMessages = 256;

    /// <summary>Creates the topic if it is not there.</summary>
    public ValueTask EnsureAsync(CancellationToken cancellationToken) => broker.CreateTopicAsync(
        new TopicSettings { Name = name, Partitions = 1, Compacted = compacted, DedupeWindow = TimeSpan.Zero }, cancellationToken);

    /// <summary>The offset the next message gets.</summary>
    public async ValueTask<long> EndAsync(CancellationToken cancellationToken) =>
        (await broker.DescribeTopicAsync(name, cancellationToken)).Partitions[0].HighOffset;

    /// <summary>Every message from an offset to the present end.</summary>
    public async IAsyncEnumerable<StoredMessage> ReadAsync(
        long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = await EndAsync(cancellationToken);
        for (var at = from; at < end;)
        {
            var page = await broker.ReadAsync(new ReadRequest(name, 0, at, PageMessages), cancellationToken);
            if (page.Count == 0)
            {
                yield break;
            }

            foreach (var message in page)
            {
                yield return message;
            }

            at = page[^1].Position.Offset + 1;
        }
    }

    /// <summary>An append of one value.</summary>
    public TopicAppend Append<T>(string? key, T value, JsonTypeInfo<T> type) => new()
    {
        Topic = name,
        Messages =
        [
            new Message
            {
                Source = "trunkline",
                Key = key is null ? null : MessageKey.FromText(key),
                ContentType = "application/json",
                Payload = JsonSerializer.SerializeToUtf8Bytes(value, type),
            },
        ],
    };

    /// <summary>The value of a message.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.StoreDamaged"/> if it is not one.</exception>
    public T Value<T>(StoredMessage message, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(message.Message.Payload.Span, type) ?? throw new JsonException("null");
        }
        catch (JsonException failure)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, FormattableString.Invariant($"Offset {message.Position.Offset} of '{name}' is not what Trunkline writes there."), failure);
        }
    }
}
