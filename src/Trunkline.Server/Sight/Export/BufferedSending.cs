namespace Trunkline.Server.Sight.Export;

/// <summary>
/// Sends an exporter's requests. What the collector does not take now but might later goes to the buffer, and the exporter is told the failure. The exporter of
/// OpenTelemetry has a buffer of its own on trial, which drops the newest when it is full and counts nothing. Thread-safe.
/// </summary>
/// <param name="inner">Sends.</param>
/// <param name="buffer">Keeps.</param>
internal sealed class BufferedSending(HttpMessageHandler inner, OutgoingBuffer buffer) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var response = base.Send(request, cancellationToken);
            if (CollectorAnswers.Of(response) == CollectorAnswer.Later)
            {
                Keep(request);
            }

            return response;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            Keep(request);
            throw;
        }
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var response = await base.SendAsync(request, cancellationToken);

            // Over gRPC the answer is known at its end.
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            if (CollectorAnswers.Of(response) == CollectorAnswer.Later)
            {
                Keep(request);
            }

            return response;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            Keep(request);
            throw;
        }
    }

    private void Keep(HttpRequestMessage request)
    {
        var body = new MemoryStream();
        request.Content!.CopyTo(body, null, CancellationToken.None);
        try
        {
            buffer.Add(new OutgoingRequest(request.RequestUri!.AbsolutePath, request.Content.Headers.ContentType!.ToString(), body.ToArray()));
        }
        catch (IOException)
        {
            // A full disk: the exporter tells the failure, and what is lost is counted.
            ExportMeter.Buffered("dropped");
        }
    }
}
