using System.Net;
using Microsoft.Extensions.Hosting;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Sight.Export;

/// <summary>Sends what is in the buffer, the oldest first, once the collector takes something again; a collector that hangs is left after a while.</summary>
/// <param name="buffer">The buffer.</param>
/// <param name="collector">The collector.</param>
/// <param name="http">Sends to it.</param>
/// <param name="time">The clock.</param>
internal sealed class BufferedResend(OutgoingBuffer buffer, OtlpConfig collector, HttpClient http, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Sends until nothing is left, or the collector does not take it.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        while (buffer.Oldest() is var (request, file))
        {
            switch (await SendAsync(request, cancellationToken))
            {
                case CollectorAnswer.Taken:
                    buffer.Sent(file);
                    break;
                case CollectorAnswer.Never:
                    buffer.Drop(file);
                    break;
                default:
                    return;
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await SendAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops. A host whose start failed would tell the exception as a failure of its own.
        }
    }

    private async Task<CollectorAnswer> SendAsync(OutgoingRequest kept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(collector.Endpoint, kept.Path)) { Content = new ByteArrayContent(kept.Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", kept.Type);
        if (collector.Authorization is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (!collector.IsHttp)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
            request.Headers.TryAddWithoutValidation("TE", "trailers");
        }

        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
            return CollectorAnswers.Of(response);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return CollectorAnswer.Later;
        }
    }
}
