using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Schemas;

namespace Trunkline.Server.Flows.Contracts;

/// <summary>Dead letters of a topic: messages that do not fit its subject, as they were, with the places of the faults in headers.</summary>
internal static class ContractLetter
{
    private static readonly string[] Own =
        [HeaderNames.Contract, HeaderNames.Cause, HeaderNames.CauseDetail, HeaderNames.Step, HeaderNames.Attempts, HeaderNames.FailedAt];

    /// <summary>The dead letter of a message.</summary>
    /// <param name="original">The message.</param>
    /// <param name="contract">What it does not fit.</param>
    /// <param name="faults">Where.</param>
    /// <param name="step">The way it came: a sink, or <c>publish</c>.</param>
    /// <param name="now">When.</param>
    public static Message Of(Message original, TopicContract contract, IReadOnlyList<SchemaFault> faults, string step, DateTimeOffset now) => DeadLetter.Copy(
        original,
        Headers.Of(DeadLetter.Keep(original.Headers, Own).Concat(
        [
            new Header(HeaderNames.Contract, contract.Subject),
            new Header(HeaderNames.Cause, ErrorCodes.ContractViolated),
            new Header(HeaderNames.CauseDetail, DeadLetter.Cut(contract.Describe(faults))),
            new Header(HeaderNames.Step, step),
            new Header(HeaderNames.Attempts, "1"),
            new Header(HeaderNames.FailedAt, DeadLetter.Time(now)),
        ])));

    /// <summary>True for a dead letter of a topic; false for one of a flow or group.</summary>
    public static bool Is(Message dead) => dead.Headers.Text(HeaderNames.Contract) is not null;

    /// <summary>The message as it was.</summary>
    public static Message Restore(Message dead) => DeadLetter.Copy(dead, DeadLetter.Give(dead.Headers, Own));
}
