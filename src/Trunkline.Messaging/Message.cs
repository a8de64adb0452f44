using System.Text;

namespace Trunkline.Messaging;

/// <summary>
/// A message: payload bytes with a content type, headers, key and identity. Immutable; safe to share between threads.
/// On the wire it is a CloudEvent 1.0.
/// </summary>
public sealed class Message
{
    private string? _id;

    /// <summary>The producer's identity of the message. Default: a new UUID version 7, made when it is first asked for.</summary>
    public MessageId Id
    {
        // Not an initializer: it would make an id for every message read from a store too, most of what reading costs.
        get => new(_id ?? Interlocked.CompareExchange(ref _id, MakeId(), null) ?? _id!);
        init => _id = value.Value;
    }

    /// <summary>The id as stored: valid UTF-8. It becomes a text when <see cref="Id"/> is asked for, which many readers never do.</summary>
    internal ReadOnlyMemory<byte> StoredId
    {
        private get;
        init
        {
            field = value;
            _id = value.IsEmpty ? "" : null;
        }
    }

    /// <summary>Who produced it (CloudEvents <c>source</c>, a URI reference); empty when not told.</summary>
    public string Source { get; init; } = "";

    /// <summary>The producer's time; null when not told.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>What order is kept by; null for none.</summary>
    public MessageKey? Key { get; init; }

    /// <summary>Media type of <see cref="Payload"/>; empty when not told.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>Headers in order. Default: none.</summary>
    public Headers Headers { get; init; } = Headers.Empty;

    /// <summary>The payload; may be empty.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    private string MakeId() => StoredId.IsEmpty ? MessageId.New().Value : Encoding.UTF8.GetString(StoredId.Span);
}
