using Trunkline.Messaging;

namespace Trunkline.Server.Connectors;

/// <summary>
/// A sink: hands messages to somewhere outside. A flow of the project file names one of the host by <c>to: { use: name }</c>. Thread-safe:
/// messages of different keys are sent at once, those of one key one after the other.
/// </summary>
/// <remarks>
/// The runtime keeps each sink's messages until they are sent, tries again, pauses when the far side is down, and makes a dead letter of what is
/// refused. After a crash a message may be sent again, with the same <see cref="SinkMessage.Id"/>.
/// </remarks>
public interface ISinkConnector
{
    /// <summary>Sends one message; returns when the far side has it for good.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the try, after the sink's time-out or when the node stops.</param>
    /// <returns>What the far side said. Whatever is thrown instead counts as <see cref="SinkAnswer.Later"/>.</returns>
    ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken);
}

/// <summary>A message on its way out.</summary>
/// <param name="Message">The message.</param>
/// <param name="Id">The same at every try, also after a crash: what the far side tells repeats by. 1 to 128 of <c>A-Z a-z 0-9 _ : -</c>.</param>
/// <param name="Attempt">1 for the first try.</param>
public sealed record SinkMessage(Message Message, string Id, int Attempt);

/// <summary>What the far side said: a closed family.</summary>
public abstract record SinkAnswer
{
    private SinkAnswer()
    {
    }

    /// <summary>It has the message.</summary>
    /// <param name="Receipt">What it calls the message; null if it did not say.</param>
    public sealed record Sent(string? Receipt = null) : SinkAnswer
    {
        /// <summary>Its status, where it speaks HTTP.</summary>
        internal int? Status { get; init; }
    }

    /// <summary>It cannot take it now: the message is sent again later.</summary>
    /// <param name="Detail">Why, for operators: no payload, no secret.</param>
    /// <param name="After">The earliest next try, where it said so.</param>
    public sealed record Later(string Detail, TimeSpan? After = null) : SinkAnswer
    {
        /// <summary>From the error catalogue.</summary>
        internal string Code { get; init; } = "sink.unavailable";
    }

    /// <summary>It will never take this message: that becomes a dead letter.</summary>
    /// <param name="Detail">Why, for operators: no payload, no secret.</param>
    public sealed record Refused(string Detail) : SinkAnswer
    {
        /// <summary>From the error catalogue.</summary>
        internal string Code { get; init; } = "sink.refused";
    }
}
