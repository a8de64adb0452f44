using Trunkline.Mail;

namespace Trunkline.Server.Steps;

/// <summary><c>parse: mail</c>: reads the payload as a mail; the body is what <see cref="MailParser"/> describes.</summary>
internal sealed class ParseMailStep(string name) : Step(name)
{
    private static readonly MailParser Parser = new();

    /// <inheritdoc/>
    public override ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        switch (Parser.Parse(run.Input.Stored.Message.Payload, cancellationToken))
        {
            case MailParseResult.Parsed parsed:
                run.Body.Replace(parsed.Body);
                return ValueTask.FromResult(true);
            case MailParseResult.Refused refused:
                throw new StepException(new StepFault(refused.Fault.Code, Name, refused.Fault.Detail, FaultClass.Terminal));
            case var other:
                throw new InvalidOperationException($"Unknown result {other.GetType().Name} of the mail parser.");
        }
    }
}
