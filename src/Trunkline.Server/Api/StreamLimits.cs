using Trunkline.Core.Errors;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api;

/// <summary>Bounds streams: how many at once, how often they show life, and when all of them end.</summary>
/// <param name="heartbeat">How often a quiet stream sends a comment.</param>
/// <param name="stopping">Fires when the node begins to stop; streams would hold it up otherwise.</param>
internal sealed class StreamLimits(TimeSpan heartbeat, CancellationToken stopping) : IDisposable
{
    private const int StreamsMax = 512;
    private readonly SemaphoreSlim _slots = new(StreamsMax, StreamsMax);

    public CancellationToken Stopping => stopping;

    public TimeSpan Heartbeat => heartbeat;

    /// <summary>Takes a place; the stream gives it back by disposing.</summary>
    public Slot Enter() => _slots.Wait(0, CancellationToken.None)
        ? new Slot(_slots)
        : throw new ProblemException(ErrorCodes.BrokerOverloaded, $"The node has {StreamsMax} streams open already.") { RetryAfter = TimeSpan.FromSeconds(5) };

    public void Dispose() => _slots.Dispose();

    /// <summary>A place among the streams.</summary>
    internal readonly struct Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
