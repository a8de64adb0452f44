using System.Buffers;
using Microsoft.AspNetCore.Http;
using Trunkline.Core.Errors;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Events;

/// <summary>
/// Reads whole request bodies into arrays of their own, which messages then slice. Memory grows with what has arrived, not
/// with what a header promises; all requests together hold at most a budget, above which a request is told to try again.
/// </summary>
internal sealed class RequestBody(long bytesMaxInFlight)
{
    private long _inFlight;

    /// <summary>Bytes held now.</summary>
    public long InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Reads the body. Dispose what it returns once the messages are appended.</summary>
    public async Task<Held> ReadAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        var held = new Held(this);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(context.RequestAborted);
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

    private long BytesMax { get; } = bytesMaxInFlight;
}
