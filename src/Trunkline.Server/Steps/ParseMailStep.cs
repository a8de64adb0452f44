using Trunkline.Mail;

namespace Trunkline.Server.Steps;

/// <summary><c>parse: mail</c>: reads the payload as a mail; the body is what <see cref="MailParser"/> describes.</summary>
internal sealed class ParseMailStep(string name) : Step(name)
{
    private static readonly MailParser Parser = new();

    /// <inheritdoc/>
    public override ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        run.Body.Replace(Parse(run.Input.Stored.Message.Payload, Name, cancellationToken));
        return ValueTask.FromResult(true);
    }

    /// <summary>The JSON of a mail.</summary>
    /// <exception cref="StepException">It is no mail, or passes a bound.</exception>
    public static ReadOnlyMemory<byte> Parse(ReadOnlyMemory<byte> payload, string step, CancellationToken cancellationToken) => Parser.Parse(payload, cancellationToken) switch
    {
        MailParseResult.Parsed parsed => parsed.Body,
        MailParseResult.Refused refused => throw new StepException(new StepFault(refused.Fault.Code, step, refused.Fault.Detail, FaultClass.Terminal)),
        var other => throw new InvalidOperationException($"Unknown result {other.GetType().Name} of the mail parser."),
    };
}
