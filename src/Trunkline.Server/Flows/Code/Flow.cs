using System.Text.Json;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Code;

/// <summary>A flow written in C#. Derive from <see cref="Flow{TBody}"/>; this is what hosts hold it by.</summary>
public abstract class Flow
{
    private protected Flow()
    {
    }

    /// <summary>Declares name, source, sinks and models. Called once, when the node starts.</summary>
    public abstract void Configure(FlowBuilder flow);

    /// <summary>Throws now, at the start of the host, what the first message would throw: a body that cannot be read with these options.</summary>
    internal abstract void CheckJson(JsonSerializerOptions options);

    /// <summary>What bodies are read into.</summary>
    internal abstract Type BodyType { get; }

    internal abstract ValueTask RunAsync(FlowRun run, FlowOutput output, CancellationToken cancellationToken);
}

/// <summary>
/// A flow written in C#: one typed handler, run under the same rules as a flow of the project file (order per key, retries, dead
/// letters, one atomic commit). The handler is called by many lanes at once, so the class must be thread-safe: keep no state of a
/// message in fields. Take time from the message and reach the outside through it, so that a replay gives equal bytes.
/// <code>
/// sealed class Triage : Flow&lt;Mail&gt;
/// {
///     public override void Configure(FlowBuilder flow) =>
///         flow.Named("triage").FromTopic("mail.received").ToTopic("mail.inbox").ToTopic("mail.spam");
///
///     public override async ValueTask HandleAsync(FlowMessage&lt;Mail&gt; message, FlowOutput output, CancellationToken cancellationToken)
///     {
///         var spam = await message.InferAsync&lt;Spam&gt;("spam", message.Body.Text, cancellationToken);
///         output.Send(spam.Probability > 0.9 ? "mail.spam" : "mail.inbox", message.Body with { Spam = spam });
///     }
/// }
/// </code>
/// </summary>
/// <typeparam name="TBody">What the JSON body is read into.</typeparam>
public abstract class Flow<TBody> : Flow
{
    /// <summary>
    /// Handles one message. Send nothing to end it here, filtered. What is sent reaches the sinks only if the handler returns
    /// without throwing; throw <see cref="Steps.StepFailedException"/> to say whether trying again can help (anything else thrown
    /// is retried).
    /// </summary>
    /// <param name="message">The message and its way outside. Valid until the handler returns.</param>
    /// <param name="output">Takes what goes to the sinks.</param>
    /// <param name="cancellationToken">Fires when the node stops or the flow moves elsewhere.</param>
    public abstract ValueTask HandleAsync(FlowMessage<TBody> message, FlowOutput output, CancellationToken cancellationToken);

    /// <summary>
    /// Handles a timer of a key that is due; called once for each, in order with the key's messages, under the same rules. The default
    /// does nothing: then setting timers is of no use.
    /// </summary>
    /// <param name="timer">The timer, with the key's state and the way outside. Valid until the handler returns.</param>
    /// <param name="output">Takes what goes to the sinks.</param>
    /// <param name="cancellationToken">Fires when the node stops or the flow moves elsewhere.</param>
    public virtual ValueTask HandleTimerAsync(FlowMessage<FlowTimer> timer, FlowOutput output, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    internal sealed override Type BodyType => typeof(TBody);

    internal sealed override void CheckJson(JsonSerializerOptions options)
    {
        try
        {
            JsonSerializer.Deserialize("null"u8, options.GetTypeInfo(typeof(TBody)));
        }
        catch (JsonException)
        {
            // The type takes no null; that it was asked means that its metadata is sound.
        }
    }

    internal sealed override ValueTask RunAsync(FlowRun run, FlowOutput output, CancellationToken cancellationToken)
    {
        var message = run.Effects.Input.Stored.Message;
        if (TimerMessage.NameOf(message) is { } timer)
        {
            return HandleTimerAsync(new FlowMessage<FlowTimer>(run, new FlowTimer(timer, message.Time ?? default, TimerMessage.SetBy(message))), output, cancellationToken);
        }

        TBody body;
        try
        {
            body = run.Read<TBody>(run.Payload(cancellationToken).Span);
        }
        catch (JsonException exception)
        {
            throw FlowRun.BodyInvalid(exception);
        }

        return HandleAsync(new FlowMessage<TBody>(run, body), output, cancellationToken);
    }
}
