using Trunkline.Messaging;

namespace Trunkline.Server.Outcomes;

/// <summary>Segments on their way into a commit unit: as few messages as fit their bound, usually one. Not thread-safe.</summary>
internal sealed class OutcomeBatch
{
    /// <summary>A message is closed above it.</summary>
    public const int BytesMax = 256 * 1024;

    private readonly List<OutcomeBytes> _messages = [];

    /// <summary>Takes a copy of a segment.</summary>
    public void Add(ReadOnlySpan<byte> segment)
    {
        if (segment.IsEmpty)
        {
            return;
        }

        if (_messages.Count == 0 || _messages[^1].Length + segment.Length > BytesMax)
        {
            var bytes = new OutcomeBytes();
            bytes.Byte(OutcomeLayout.Version);
            _messages.Add(bytes);
        }

        _messages[^1].Bytes(segment);
    }

    /// <summary>The messages for the outcome topic; the batch must not be added to any more.</summary>
    public IEnumerable<Message> Messages() => _messages.Select(bytes => Of(bytes.Memory));

    /// <summary>A message with this payload. Its id carries nothing: nobody asks for it, and what is not made costs nothing.</summary>
    public static Message Of(ReadOnlyMemory<byte> payload) => new()
    {
        Id = new MessageId("o"),
        Source = "trunkline",
        ContentType = OutcomeLayout.ContentType,
        Payload = payload,
    };
}
