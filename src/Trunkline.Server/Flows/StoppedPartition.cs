namespace Trunkline.Server.Flows;

/// <summary>A partition the failure policy stopped.</summary>
/// <param name="Partition">Which.</param>
/// <param name="Reason">Why; no payload.</param>
public sealed record StoppedPartition(int Partition, string Reason);
