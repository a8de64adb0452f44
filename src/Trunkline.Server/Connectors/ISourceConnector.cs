using Trunkline.Messaging;

namespace Trunkline.Server.Connectors;

/// <summary>
/// A source: reads messages from somewhere outside, in order. A flow of the project file names one of the host by <c>from: { use: name }</c>.
/// </summary>
/// <remarks>
/// The runtime keeps the position of what is done, in the same commit unit as the outputs: after a crash a message comes again exactly
/// if its outputs do not exist. It asks for the next message only when the flow has room for it. One reading at a time; each of a flow's
/// begins with a call of <see cref="ReadAsync"/>. The suite <c>SourceConformance</c> of Trunkline.Testing tells whether a source keeps what it must.
/// </remarks>
public interface ISourceConnector
{
    /// <summary>Reads on from a position, until cancelled. Waits while there is nothing; ends only if nothing can come any more.</summary>
    /// <param name="start">Whose reading it is, and where it begins.</param>
    /// <param name="cancellationToken">Ends the reading; it has to end within 10 s.</param>
    /// <returns>
    /// The messages behind the position. Reading again from a position must give the same messages with the same ids, positions and order.
    /// Whatever it throws (<see cref="ConnectorException"/> with a text for operators) is a passing failure: it is read again after a wait.
    /// </returns>
    IAsyncEnumerable<SourceMessage> ReadAsync(SourceStart start, CancellationToken cancellationToken);
}

/// <summary>Where a reading begins.</summary>
/// <param name="Flow">The flow that reads.</param>
/// <param name="Position">The <see cref="SourceMessage.Position"/> of the last message that needs not come again; null to begin at the beginning.</param>
/// <param name="Time">The clock to use.</param>
public sealed record SourceStart(string Flow, string? Position, TimeProvider Time)
{
    /// <summary>Of a source with parts: where each begins, by <see cref="SourceMessage.Part"/>. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Parts { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// To be called for a part that comes no more, so that its position is removed with a later commit, once its messages are done. Thread-safe.
    /// </summary>
    public Action<string> Forget { get; init; } = static _ => { };
}

/// <summary>A message of a source.</summary>
/// <param name="Message">The message. Its id must be the same whenever it is read: repeats are recognised by it.</param>
/// <param name="Position">
/// Where to read on behind it, in the source's own words: 1 to 1,024 characters, another for each message.
/// </param>
public sealed record SourceMessage(Message Message, string Position)
{
    /// <summary>The longest position, in characters.</summary>
    public const int PositionLengthMax = 1024;

    /// <summary>The longest <see cref="Part"/>, in characters.</summary>
    public const int PartLengthMax = 256;

    /// <summary>
    /// Which part of the source it came from, where that has several it reads side by side, each with a position of its own, as a folder has
    /// files; up to 256 characters. No two messages have the same position, whatever their parts. Default: the source is one.
    /// </summary>
    public string Part { get; init; } = "";

    /// <summary>Told once, after what became of the message is durable; must return at once. Default: nobody is told.</summary>
    public Action? Committed { get; init; }
}

/// <summary>A source cannot be read for the moment. Its text is shown to operators: no payload and no secret belongs into it.</summary>
public sealed class ConnectorException : Exception
{
    /// <summary>A failure.</summary>
    /// <param name="message">For operators.</param>
    /// <param name="inner">What was thrown, for the log.</param>
    public ConnectorException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
