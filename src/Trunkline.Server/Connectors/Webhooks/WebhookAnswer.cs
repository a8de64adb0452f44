using System.Buffers;
using System.Net;

namespace Trunkline.Server.Connectors.Webhooks;

/// <summary>Sends a request to a receiver and judges what it answers.</summary>
internal static class WebhookAnswer
{
    // An answer's body means nothing; it is read only so that the connection can be used again, and only so far.
    private const int BodyBytesMax = 64 * 1024;

    /// <summary>Sends the request. What breaks on the way is thrown as <see cref="HttpClient"/> throws it.</summary>
    public static async Task<SinkAnswer> OfAsync(HttpClient http, HttpRequestMessage request, TimeProvider time, CancellationToken cancellationToken)
    {
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await DrainAsync(response, cancellationToken);
        return Judge(response, time);
    }

    /// <summary>What an answer means.</summary>
    public static SinkAnswer Judge(HttpResponseMessage response, TimeProvider time)
    {
        var status = (int)response.StatusCode;
        return status switch
        {
            >= 200 and < 300 => new SinkAnswer.Sent { Status = status },
            429 => new SinkAnswer.Later("answered 429", RetryAfter(response, time)) { Code = "sink.rate-limited" },
            408 or 425 or >= 500 => new SinkAnswer.Later($"answered {status}", RetryAfter(response, time)),
            (int)HttpStatusCode.Gone => new SinkAnswer.Refused("answered 410: the receiver wants no more messages here") { Code = "sink.gone" },
            >= 300 and < 400 => new SinkAnswer.Refused($"answered {status}; redirects are not followed") { Code = "sink.redirected" },
            _ => new SinkAnswer.Refused($"answered {status}"),
        };
    }

    /// <summary>Reads the body up to a bound; a longer one costs the connection, nothing else.</summary>
    private static async Task DrainAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            var left = BodyBytesMax;
            while (left > 0)
            {
                var read = await body.ReadAsync(buffer, cancellationToken);
                if (read == 0)
                {
                    return;
                }

                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        var after = response.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait > TimeSpan.Zero ? wait : null;
    }
}
