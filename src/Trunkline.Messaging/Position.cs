using System.Globalization;

namespace Trunkline.Messaging;

/// <summary>Where a message stands in a topic.</summary>
/// <param name="Partition">Zero-based.</param>
/// <param name="Offset">Zero-based; rises within the partition, gaps allowed.</param>
public readonly record struct Position(int Partition, long Offset)
{
    /// <summary><c>partition/offset</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}/{Offset}");
}
