namespace Trunkline.Server.Expressions;

/// <summary>What one evaluation of one expression may use. Past any of them the step fails with <c>step.expression-limit</c>.</summary>
internal sealed record ExpressionLimits
{
    /// <summary>Statements run, turns of loops and calls included. Default 100,000.</summary>
    public int StatementsMax { get; init; } = 100_000;

    /// <summary>Time. Default 2 s.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time of one match of one regular expression. Default 250 ms.</summary>
    public TimeSpan RegexTime { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Bytes allocated. Default 64 MiB.</summary>
    public long AllocatedBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Length of a text made by one call of a built-in, in UTF-16 units. Default 4 Mi.</summary>
    public int CharsMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Elements of an array. Default 1,000,000.</summary>
    public uint ArrayLengthMax { get; init; } = 1_000_000;

    /// <summary>Depth of calls of one function. Default 128.</summary>
    public int RecursionMax { get; init; } = 128;

    /// <summary>Nesting of JSON, read or written. Default 128.</summary>
    public int JsonDepthMax { get; init; } = 128;

    /// <summary>Bytes of JSON a result may become. Default 32 MiB.</summary>
    public int JsonBytesMax { get; init; } = 32 * 1024 * 1024;
}
