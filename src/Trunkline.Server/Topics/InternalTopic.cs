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
    private const int PageMessages = 1000;

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
        var next = from < end ? PageAsync(from, cancellationToken) : null;
        while (next is not null)
        {
            var page = await next;

            // The page after is read while this one is worked on.
            next = page.Count > 0 && page[^1].Position.Offset + 1 is var at && at < end ? PageAsync(at, cancellationToken) : null;
            foreach (var message in page)
            {
                yield return message;
            }
        }
    }

    private Task<IReadOnlyList<StoredMessage>> PageAsync(long at, CancellationToken cancellationToken) =>
        broker.ReadAsync(new ReadRequest(name, 0, at, PageMessages), cancellationToken).AsTask();

    /// <summary>An append of one value.</summary>
    public TopicAppend Append<T>(string? key, T value, JsonTypeInfo<T> type) => Append([(key, value)], type);

    /// <summary>An append of several values, stored as one batch.</summary>
    public TopicAppend Append<T>(IEnumerable<(string? Key, T Value)> values, JsonTypeInfo<T> type) => new()
    {
        Topic = name,
        Messages =
        [
            .. values.Select(one => new Message
            {
                Source = "trunkline",
                Key = one.Key is null ? null : MessageKey.FromText(one.Key),
                ContentType = "application/json",
                Payload = JsonSerializer.SerializeToUtf8Bytes(one.Value, type),
            }),
        ],
    };

    /// <summary>The value of a message.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.StoreDamaged"/> if it is not one.</exception>
    public T Value<T>(StoredMessage message, JsonTypeInfo<T> type) =>
        Value(message, payload => JsonSerializer.Deserialize(payload.Span, type) ?? throw new JsonException("null"));

    /// <summary>The value of a message, read by the one who knows its form.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.StoreDamaged"/> if it is not one.</exception>
    public T Value<T>(StoredMessage message, Func<ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            return read(message.Message.Payload);
        }
        catch (JsonException failure)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, FormattableString.Invariant($"Offset {message.Position.Offset} of '{name}' is not what Trunkline writes there."), failure);
        }
    }
}
