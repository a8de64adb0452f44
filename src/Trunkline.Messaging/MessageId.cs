namespace Trunkline.Messaging;

/// <summary>
/// The identity a producer gives a message. Together with <see cref="Message.Source"/> it is what
/// duplicates are recognised by (CloudEvents 1.0, attributes <c>source</c> and <c>id</c>).
/// </summary>
/// <param name="Value">Any non-empty text; at most <see cref="MaxLength"/> UTF-16 units.</param>
public readonly record struct MessageId(string Value)
{
    /// <summary>The longest accepted id, in UTF-16 units.</summary>
    public const int MaxLength = 1024;

    /// <summary>A new id that sorts by creation time (UUID version 7).</summary>
    public static MessageId New() => new(Guid.CreateVersion7().ToString("N"));

    /// <inheritdoc/>
    public override string ToString() => Value;
}
