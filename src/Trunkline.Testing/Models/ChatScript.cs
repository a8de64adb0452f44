namespace Trunkline.Testing.Models;

/// <summary>How <see cref="ScriptedChatServer"/> answers one request: a closed family.</summary>
public abstract record ChatScript
{
    private ChatScript()
    {
    }

    /// <summary>A good answer, streamed.</summary>
    /// <param name="Pieces">The text, piece by piece.</param>
    public sealed record Streamed(params IReadOnlyList<string> Pieces) : ChatScript;

    /// <summary>A good answer in one piece, as servers give that do not stream.</summary>
    /// <param name="Text">The text.</param>
    public sealed record Whole(string Text) : ChatScript;

    /// <summary>A status and a body that repeats the request's token and input, as careless servers do.</summary>
    /// <param name="Code">The status.</param>
    /// <param name="RetryAfter">The header's value, or null for none.</param>
    public sealed record Status(int Code, string? RetryAfter = null) : ChatScript;

    /// <summary>These bytes as they are, as an event stream, and the end of the answer.</summary>
    /// <param name="Body">The body.</param>
    public sealed record Raw(string Body) : ChatScript;

    /// <summary>The beginning of an answer, then the connection is cut.</summary>
    /// <param name="Pieces">The text before the cut.</param>
    public sealed record Cut(params IReadOnlyList<string> Pieces) : ChatScript;

    /// <summary>Sends the piece for ever.</summary>
    /// <param name="Piece">What is repeated; sent raw when it is not to be framed as an event.</param>
    /// <param name="Framed">Whether each piece is an event of its own; else the piece is one line without an end.</param>
    public sealed record Endless(string Piece, bool Framed = true) : ChatScript;

    /// <summary>Takes the request and says nothing until the caller gives up.</summary>
    public sealed record Silent : ChatScript;

    /// <summary>The beginning of an answer, then nothing until the caller gives up.</summary>
    /// <param name="Pieces">The text before the silence.</param>
    public sealed record Stalled(params IReadOnlyList<string> Pieces) : ChatScript;
}
