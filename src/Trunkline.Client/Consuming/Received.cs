using Trunkline.Client.Api;

namespace Trunkline.Client.Consuming;

/// <summary>A message as a handler gets it. Immutable.</summary>
/// <typeparam name="T">What its body is read as.</typeparam>
/// <param name="Body">The body.</param>
/// <param name="Event">The message whole: id, key, time, place, extensions.</param>
/// <param name="Attempt">1 for the first time it was lent, as far as the node knows.</param>
public sealed record Received<T>(T Body, EventView Event, int Attempt);
