namespace Trunkline.Client.Api;

/// <summary>What became of a message handed to a flow.</summary>
/// <param name="Id">Its id: the producer's, or the one the node gave.</param>
/// <param name="Outcome"><c>delivered</c>, <c>filtered</c>, <c>dead-lettered</c>, <c>parked</c> (waits behind an earlier message of its key that failed) or <c>delayed</c> (failed, is tried again later); each is durable.</param>
public sealed record IntakeResponse(string Id, string Outcome);
