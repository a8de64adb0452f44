namespace Trunkline.Server.Flows.Tenants;

/// <summary>What may be read again of a line.</summary>
/// <param name="Work">Its partition.</param>
/// <param name="Line">The line.</param>
/// <param name="From">Its first offset.</param>
/// <param name="Until">Behind its last offset when the turn was given: what follows was not there to be read.</param>
/// <param name="Room">The most messages to take.</param>
internal readonly record struct PassedTurn(PartitionWork Work, PassedLine Line, long From, long Until, int Room);
