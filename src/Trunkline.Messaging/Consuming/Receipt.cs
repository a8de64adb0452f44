using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Trunkline.Messaging.Consuming;

/// <summary>
/// Proof of one lease on one message: a later lease on the same message has another receipt, and so has every life of the
/// consumer. As text (<c>partition.offset.lease.life</c>) it is opaque to clients.
/// </summary>
/// <param name="Position">The message's position.</param>
/// <param name="Lease">The lease's number in the consumer's life.</param>
/// <param name="Life">Which consumer gave it.</param>
public readonly record struct Receipt(Position Position, long Lease, uint Life)
{
    private const int TextLengthMax = 64;

    /// <summary>Reads what <see cref="ToString"/> wrote; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Receipt receipt)
    {
        receipt = default;
        if (text is null || text.Length > TextLengthMax)
        {
            return false;
        }

        var parts = text.Split('.');
        if (parts.Length != 4
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var lease)
            || !uint.TryParse(parts[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var life))
        {
            return false;
        }

        receipt = new Receipt(new Position(partition, offset), lease, life);
        return true;
    }

    /// <summary>The text a client gives back.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Position.Partition}.{Position.Offset}.{Lease}.{Life:x8}");
}
