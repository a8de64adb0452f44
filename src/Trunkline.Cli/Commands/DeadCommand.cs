using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline dead [FLOW]</c></summary>
internal static class DeadCommand
{
    private const int DetailCharactersMax = 120;

    private static readonly Argument<string?> Flow = new("flow") { Description = "Only this flow's.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<int> Limit = LimitOption.Create(100);

    public static Command Create()
    {
        var command = new Command("dead", "List dead letters with their causes.") { Flow, Limit, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var page = await Patience.WaitAsync(
            output, $"waiting for {client.Address}", client.ListDeadLettersAsync(parsed.GetValue(Flow), parsed.GetValue(Limit), cancellationToken));
        output.Result(page, ApiJson.Default.DeadLetterPage, text =>
        {
            text.Table(
                ["flow", "at", "#offset", "cause", "step", "#attempts", "original", "detail"],
                [.. page.DeadLetters.Select(letter => (IReadOnlyList<string>)
                [
                    letter.Flow, Amount.Time(letter.Event.AppendedAt),
                    string.Create(CultureInfo.InvariantCulture, $"{letter.Event.Partition}/{letter.Event.Offset}"), letter.Cause, letter.Step ?? "",
                    Amount.Count(letter.Attempts), letter.Position ?? "", SafeText.Line(letter.Detail, DetailCharactersMax),
                ])],
                "No dead letters.");
            if (page.Total > page.DeadLetters.Count)
            {
                text.Line($"{Amount.Count(page.DeadLetters.Count)} of {Amount.Count(page.Total)} shown; --limit shows more, 'trunkline read <flow>.dead' the messages.");
            }
        });
        return ExitCode.Done;
    }
}
