namespace Trunkline.Models;

/// <summary>What <see cref="ModelFactory"/> needs to make a model. Immutable; printing it never shows the token.</summary>
public sealed record ModelOptions
{
    /// <summary>The model's name in the project; used in messages.</summary>
    public required string Name { get; init; }

    /// <summary><c>lexicon</c>, <c>mlnet</c>, <c>lingua</c>, <c>onnx</c>, <c>openai</c> or <c>http</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Model file (mlnet, required), or word list (lexicon; null for the built-in).</summary>
    public string? Path { get; init; }

    /// <summary>Base address of the endpoint (openai, required), such as <c>https://host/v1</c>; http or https.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Model name at the endpoint (openai, required).</summary>
    public string? Model { get; init; }

    /// <summary>Bearer token (openai); null for none. Never printed.</summary>
    public string? Token { get; init; }

    /// <summary>Instruction sent before the input (openai); null for none.</summary>
    public string? System { get; init; }

    /// <summary>File with the definitions of tools (openai); null for none.</summary>
    public string? Tools { get; init; }

    /// <summary>Codes of ISO 639-1 of the languages told apart (lingua, at least two).</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Vocabulary file (onnx, required): a WordPiece <c>vocab.txt</c> or a SentencePiece <c>.model</c>.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Names of the classes (onnx), in the model's order; none for a model that gives numbers.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Makes what is sent (http) of the input, JSON both; null to send the input. Thread-safe; fails as <see cref="ModelException"/>.</summary>
    public Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? WriteRequest { get; init; }

    /// <summary>Makes the output (http) of what comes back, JSON both; null for what comes back. Thread-safe; fails as <see cref="ModelException"/>.</summary>
    public Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? ReadAnswer { get; init; }

    /// <summary>Tokens of one answer at most (openai); null to leave it to the endpoint. Sent with every call.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Bound on one call, the whole answer included (openai). Default 30 s; more than 0, at most a day.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bound on the text of one answer, in UTF-8 bytes (openai). Default 256 KiB.</summary>
    public int AnswerBytesMax { get; init; } = 256 * 1024;

    /// <summary>
    /// What sends requests (openai), such as a handler that refuses private addresses; stays the caller's, who disposes it. Null
    /// for one of the model's own. It must not follow redirects and must not retry.
    /// </summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The clock of timeouts. Default the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Name and kind.</summary>
    public override string ToString() => $"{Kind} model '{Name}'";
}
