using System.Buffers;
using System.Net;
using System.Text.Json.Serialization;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Webhooks;

/// <summary>Judges the answer of a receiver.</summary>
internal static class WebhookAnswer
{
    // An answer's body means nothing; it is read only so that the connection can be used again, and only so far.
    private const int BodyBytesMax = 64 * 1024;

    /// <summary>Reads the body up to a bound; a longer one costs the connection, nothing else.</summary>
    public static async Task DrainAsync(HttpResponseMessage response, CancellationToken cancellationToken)
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

    /// <summary>Throws unless the receiver took the message.</summary>
    public static void Require(HttpResponseMessage response, TimeProvider time)
    {
        var status = (int)response.StatusCode;
        switch (status)
        {
            case >= 200 and < 300:
                return;
            case 429:
                throw new WebhookException("sink.rate-limited", "answered 429", FaultClass.Retryable, RetryAfter(response, time));
            case 408 or 425 or >= 500:
                throw new WebhookException("sink.unavailable", $"answered {status}", FaultClass.Retryable, RetryAfter(response, time));
            case (int)HttpStatusCode.Gone:
                throw new WebhookException("sink.gone", "answered 410: the receiver wants no more messages here", FaultClass.Terminal);
            case >= 300 and < 400:
                throw new WebhookException("sink.redirected", $"answered {status}; redirects are not followed", FaultClass.Terminal);
            default:
                throw new WebhookException("sink.refused", $"answered {status}", FaultClass.Terminal);
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        var after = response.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait > TimeSpan.Zero ? wait : null;
    }
}

/// <summary>What is recorded of an accepted message.</summary>
internal sealed record Receipt([property: JsonPropertyName("status")] int Status);

[JsonSerializable(typeof(Receipt))]
internal sealed partial class ReceiptJson : JsonSerializerContext;

/// <summary>A receiver did not take a message. The text carries nothing the receiver sent but its status.</summary>
internal sealed class WebhookException(string code, string message, FaultClass kind, TimeSpan? retryAfter = null) : Exception(message)
{
    public string Code { get; } = code;

    public FaultClass Class { get; } = kind;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
