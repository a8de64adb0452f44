using System.Text;

namespace Trunkline.Messaging;

/// <summary>
/// What order is kept by: messages of one key keep their order. Any bytes, also none at all; a message
/// without a key has a null <see cref="Message.Key"/>, which is not the same as an empty key.
/// </summary>
public readonly struct MessageKey : IEquatable<MessageKey>
{
    /// <summary>Wraps the bytes; they must not change afterwards.</summary>
    public MessageKey(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    /// <summary>The key's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The key made of the UTF-8 bytes of <paramref name="text"/>.</summary>
    public static MessageKey FromText(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <inheritdoc/>
    public bool Equals(MessageKey other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MessageKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Murmur2.Hash(Bytes.Span);

    /// <summary>The bytes read as UTF-8; invalid sequences become U+FFFD, so this is for people, not for comparing.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>Byte equality.</summary>
    public static bool operator ==(MessageKey left, MessageKey right) => left.Equals(right);

    /// <summary>Byte inequality.</summary>
    public static bool operator !=(MessageKey left, MessageKey right) => !left.Equals(right);
}
