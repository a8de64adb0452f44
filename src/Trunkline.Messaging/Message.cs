using System.Text;
using System.Text.Unicode;

namespace Trunkline.Messaging;

/// <summary>
/// A message: payload bytes with a content type, headers, key and identity. Immutable; safe to share between threads.
/// On the wire it is a CloudEvent 1.0.
/// </summary>
public sealed class Message
{
    private string? _id;
    private ReadOnlyMemory<byte> _idUtf8;

    /// <summary>The producer's identity of the message. Default: a new UUID version 7, made when it is first asked for.</summary>
    public MessageId Id
    {
        // Not an initializer: it would make an id for every message read from a store too, most of what reading costs.
        get => new(_id ?? Interlocked.CompareExchange(ref _id, MakeId(), null) ?? _id!);
        init => (_id, _idUtf8) = (value.Value, default);
    }

    /// <summary>
    /// <see cref="Id"/> in UTF-8. Set it instead of the text where the bytes are at hand: the text is made when it is first asked for,
    /// which most readers never do. The bytes must not change afterwards.
    /// </summary>
    /// <exception cref="ArgumentException">The bytes are no UTF-8.</exception>
    public ReadOnlyMemory<byte> IdUtf8
    {
        get => _idUtf8.IsEmpty ? Encoding.UTF8.GetBytes(Id.Value ?? "") : _idUtf8;
        init => StoredId = Utf8.IsValid(value.Span) ? value : throw new ArgumentException("The id is not valid UTF-8.", nameof(value));
    }

    /// <summary>True if the id is there in UTF-8, so that <see cref="IdUtf8"/> costs nothing; valid then.</summary>
    public bool HasIdUtf8 => !_idUtf8.IsEmpty;

    /// <summary>The id as stored: valid UTF-8, or empty. Empty to read if it was given as a text.</summary>
    internal ReadOnlyMemory<byte> StoredId
    {
        get => _idUtf8;
        init
        {
            _idUtf8 = value;
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

    private string MakeId() => _idUtf8.IsEmpty ? MessageId.New().Value : Encoding.UTF8.GetString(_idUtf8.Span);
}
