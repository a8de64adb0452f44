using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Trunkline.Core.Errors;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Events;

/// <summary>
/// Reads whole request bodies into arrays of their own, which messages then slice. Memory grows with what has arrived, not
/// with what a header promises; all requests together hold at most a budget, above which a request is told to try again.
/// </summary>
internal sealed class RequestBody(long requestBytesMax, long inFlightBytesMax, TimeProvider time)
{
    /// <summary>How much of a body that is too large is read all the same: a client that is still sending would never see the answer.</summary>
    private const long DiscardBytesMax = 256L * 1024 * 1024;

    private static readonly TimeSpan DiscardMax = TimeSpan.FromSeconds(10);

    private long _inFlight;

    /// <summary>Bytes held now.</summary>
    public long InFlight => Volatile.Read(ref _inFlight);

    /// <summary>A share of the memory of all requests, for what comes by another way. Dispose it once the message is handed on.</summary>
    public Held Hold() => new(this);

    /// <summary>Reads the body. Dispose what it returns once the messages are appended.</summary>
    public async Task<Held> ReadAsync(HttpContext context)
    {
        // The bound is kept here, where the rest can be read away before the answer.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        if (context.Request.ContentLength > requestBytesMax)
        {
            throw await TooLargeAsync(context);
        }

        var reader = context.Request.BodyReader;
        var held = new Held(this);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(context.RequestAborted);
                if (result.Buffer.Length > requestBytesMax)
                {
                    reader.AdvanceTo(result.Buffer.End);
                    throw await TooLargeAsync(context);
                }

                held.Reserve(result.Buffer.Length);
                if (result.IsCompleted)
                {
                    held.Bytes = result.Buffer.ToArray();
                    reader.AdvanceTo(result.Buffer.End);
                    return held;
                }

                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private async Task<ProblemException> TooLargeAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        using var timeout = new CancellationTokenSource(DiscardMax, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted);
        try
        {
            for (long discarded = 0; discarded < DiscardBytesMax;)
            {
                var result = await reader.ReadAsync(ended.Token);
                discarded += result.Buffer.Length;
                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // Whoever sends so slowly finds the connection closed.
        }

        return new ProblemException(ErrorCodes.RequestTooLarge, $"The body exceeds {requestBytesMax} bytes, the node's bound on one request.");
    }

    /// <summary>A body and its share of the budget.</summary>
    internal sealed class Held(RequestBody owner) : IDisposable
    {
        private long _reserved;

        public ReadOnlyMemory<byte> Bytes { get; set; }

        public void Reserve(long bytes)
        {
            var more = bytes - _reserved;
            if (more <= 0)
            {
                return;
            }

            _reserved = bytes;
            if (Interlocked.Add(ref owner._inFlight, more) > owner.BytesMax)
            {
                throw new ProblemException(ErrorCodes.BrokerOverloaded, "The node holds as many request bytes as it may.") { RetryAfter = TimeSpan.FromSeconds(1) };
            }
        }

        public void Dispose()
        {
            Interlocked.Add(ref owner._inFlight, -_reserved);
            _reserved = 0;
        }
    }

    private long BytesMax { get; } = inFlightBytesMax;
}
