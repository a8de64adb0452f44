using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands.Dead;

/// <summary>The options that say which dead letters are meant.</summary>
internal static class Selection
{
    public static QuestionOptions<DeadLetterSelection> Options() => new QuestionOptions<DeadLetterSelection>(new DeadLetterSelection())
        .Text("--cause", "Only those of this cause, such as step.expression-failed.", "code", (selection, text) => selection with { Cause = text })
        .Text("--step", "Only those of this step or sink.", "name", (selection, text) => selection with { Step = text })
        .Text("--exception", "Only those with this type of exception.", "type", (selection, text) => selection with { Exception = text })
        .Text("--key", "Only those of this key.", "text", (selection, text) => selection with { Key = text })
        .Text("--id", "Only the one of the message with this id.", "text", (selection, text) => selection with { Id = text })
        .Text("--tenant", "Only those of this tenant.", "name", (selection, text) => selection with { Tenant = text })
        .Time("--since", "Only those that failed at or after this time.", (selection, time) => selection with { Since = time })
        .Time("--until", "Only those that failed before this time.", (selection, time) => selection with { Until = time });
}
