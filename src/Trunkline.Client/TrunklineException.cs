namespace Trunkline.Client;

/// <summary>The node answered with an error.</summary>
/// <param name="code">Stable, from the error catalogue; <c>http.&lt;status&gt;</c> if what answered was not a Trunkline node.</param>
/// <param name="status">HTTP status.</param>
/// <param name="message">What happened.</param>
/// <param name="remedy">What to do; empty if the answer did not tell.</param>
public sealed class TrunklineException(string code, int status, string message, string remedy) : Exception(message)
{
    /// <summary>Stable, from the error catalogue.</summary>
    public string Code { get; } = code;

    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>What to do.</summary>
    public string Remedy { get; } = remedy;

    /// <summary>How long the node asks to be left alone; null if it did not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The whole problem, as answered; null if the answer was not problem+json.</summary>
    public Api.Problem? Problem { get; init; }
}
