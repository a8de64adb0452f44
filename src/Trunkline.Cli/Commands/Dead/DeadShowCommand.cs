using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands.Dead;

/// <summary><c>trunkline dead show FLOW PARTITION/OFFSET</c></summary>
internal static class DeadShowCommand
{
    public static Command Create()
    {
        var (flow, place) = (LetterArgument.Flow(), LetterArgument.Place(isOptional: false));
        var payload = new Option<bool>("--payload") { Description = "Show the payload too; needs scope operate." };
        var command = new Command("show", "Show a dead letter with its cause.") { flow, place, payload, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var (partition, offset) = parsed.GetValue(place)!.Value;
            var letter = await Patience.WaitAsync(
                output,
                $"waiting for {client.Address}",
                client.DeadLetters.ShowAsync(parsed.GetRequiredValue(flow), partition, offset, parsed.GetValue(payload), cancellationToken));
            output.Result(letter, ApiJson.Default.DeadLetterView, text => Write(text, letter, parsed.GetValue(payload)));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(Output text, DeadLetterView letter, bool withPayload)
    {
        text.Line($"{letter.Cause} in {letter.Flow}{(letter.Step is { } step ? $", step {step}" : "")}, after {Amount.Count(letter.Attempts)} attempts, revision {letter.Revision ?? "-"}");
        if (letter.Detail is { } detail)
        {
            text.Line(SafeText.Line(detail, 2000));
        }

        text.Line($"failed first {Amount.Time(letter.FirstFailedAt ?? letter.Event.AppendedAt)}, for good {Amount.Time(letter.FailedAt ?? letter.Event.AppendedAt)}");
        text.Line($"original: {letter.Position ?? "unknown"}, id {SafeText.Line(letter.Event.Id, 200)}, key {SafeText.Line(letter.Event.PartitionKey ?? "-", 200)}, {Amount.Count(letter.PayloadBytes)} bytes");
        text.Line($"exception: {letter.Exception ?? "-"}, trace: {letter.Trace ?? "-"}");
        text.Line(letter.Deed is { } deed ? $"{deed} at {Amount.Time(letter.DeedAt ?? letter.Event.AppendedAt)}" : "open: redrive or drop it");
        if (withPayload)
        {
            text.Line(letter.Event.Data is { } data ? SafeText.Line(data.GetRawText(), 100_000) : letter.Event.DataBase64 ?? "(empty)");
        }
    }
}
