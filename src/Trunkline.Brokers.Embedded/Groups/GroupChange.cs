namespace Trunkline.Brokers.Embedded.Groups;

/// <summary>What a member has to be told: either partitions taken away or partitions given.</summary>
/// <param name="Assigned">True if given.</param>
/// <param name="Partitions">Which, in rising order.</param>
internal readonly record struct GroupChange(bool Assigned, IReadOnlyList<int> Partitions);
