namespace Trunkline.Server.Steps;

/// <summary>How the host's own code fails a message. Put no payload and no secret into the message text: it is shown to operators.</summary>
/// <param name="detail">What happened, for people.</param>
/// <param name="retryable">Whether trying again can help. Default true.</param>
/// <param name="inner">What caused it.</param>
public sealed class StepFailedException(string detail, bool retryable = true, Exception? inner = null) : Exception(detail, inner)
{
    /// <summary>Whether trying again can help.</summary>
    public bool Retryable { get; } = retryable;

    /// <summary>The earliest next try; null leaves it to the flow's backoff.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
