namespace Trunkline.Models;

/// <summary>
/// What an <c>infer</c> step calls. Thread-safe. An answer is JSON; a failure is a <see cref="ModelException"/>.
/// </summary>
public interface IModel : IAsyncDisposable
{
    /// <summary>The kind, as in the project file: <c>lexicon</c>, <c>mlnet</c>, <c>openai</c>, …</summary>
    string Kind { get; }

    /// <summary>
    /// Names what answers, so that equal versions give answers one may compare: a content hash for files
    /// (<c>mlnet@3fa9c1</c>), endpoint and model name for remote ones. Recorded on every output.
    /// </summary>
    string Version { get; }

    /// <summary>Asks the model once. Does not retry: retries belong to the flow.</summary>
    /// <param name="request">The input.</param>
    /// <param name="cancellationToken">Ends the call, also in the middle of an answer.</param>
    ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken);
}

/// <summary>What a model is asked.</summary>
/// <param name="Input">JSON: a string for text models, any value otherwise.</param>
/// <param name="IdempotencyKey">Stable over retries of the same call; sent to remote endpoints.</param>
public sealed record ModelRequest(ReadOnlyMemory<byte> Input, string IdempotencyKey)
{
    /// <summary>Names of the tools it may ask to call; default none: an answer that asks for another is <see cref="ModelFailure.Malformed"/>.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>
    /// Told each piece of the answer's text as it comes, in order, before the whole answer is returned; must return at once. A model that cannot tell, or knows the answer at once, calls it never.
    /// Default: nobody is told.
    /// </summary>
    public Action<string>? Piece { get; init; }
}

/// <summary>What a model answered.</summary>
/// <param name="Output">JSON.</param>
/// <param name="InputTokens">Tokens read, where told.</param>
/// <param name="OutputTokens">Tokens written, where told.</param>
public sealed record ModelAnswer(ReadOnlyMemory<byte> Output, int? InputTokens = null, int? OutputTokens = null);

/// <summary>How a model call failed; decides whether trying again can help.</summary>
public enum ModelFailure
{
    /// <summary>No answer in time. Retryable.</summary>
    Timeout,

    /// <summary>The endpoint asks to slow down (429). Retryable, after <see cref="ModelException.RetryAfter"/>.</summary>
    RateLimited,

    /// <summary>Unreachable, cut off in the middle, or a 5xx. Retryable.</summary>
    Unavailable,

    /// <summary>The answer breaks the protocol or a bound. Retryable, but counts as poison early.</summary>
    Malformed,

    /// <summary>The input is not what the model takes, or a 4xx. Terminal.</summary>
    Refused,
}

/// <summary>A failed model call. The message never holds the input, the answer or a token.</summary>
public sealed class ModelException(ModelFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How it failed.</summary>
    public ModelFailure Failure { get; } = failure;

    /// <summary>When the endpoint wants the next try at the earliest; null if it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
