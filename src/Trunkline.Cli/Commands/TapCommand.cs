using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline tap FLOW[/STEP]</c></summary>
internal static class TapCommand
{
    private static readonly Argument<string> Target = new("flow") { Description = "A flow, or flow/step; the steps 'in' and 'out' stand before the first and after the last." };
    private static readonly Option<bool> ShowValues = new("--show-values") { Description = "Show the values of bodies, and keys; otherwise their kind and length. Needs scope operate." };
    private static readonly Option<int?> Count = new("--count", "-c") { Description = "Stop after this many.", HelpName = "count" };

    public static Command Create()
    {
        var command = new Command("tap", "Watch messages pass the steps of a flow, until interrupted; with --json one a line. What you are too slow for is left out and counted.")
        {
            Target, ShowValues, Count, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var rest = parsed.GetValue(Count) ?? int.MaxValue;
        if (rest <= 0)
        {
            throw CliException.Usage("--count is 1 or more.", "Leave it out to watch until interrupted.");
        }

        var parts = parsed.GetRequiredValue(Target).Split('/', 2);
        using var client = SharedOptions.Client(parsed, Timeout.InfiniteTimeSpan);
        await foreach (var seen in client.TapAsync(parts[0], parts.Length > 1 ? parts[1] : null, parsed.GetValue(ShowValues), cancellationToken))
        {
            output.Result(seen, ApiJson.Default.TapEventView, text => Write(text, seen));
            if (--rest == 0)
            {
                return ExitCode.Done;
            }
        }

        throw new CliException(ExitCode.Unreachable, "cli.node-unreachable", "The node ended the tap.", "Look whether it runs, then tap again.");
    }

    private static void Write(Output text, TapEventView seen)
    {
        if (seen.Missed > 0)
        {
            text.Line($"… {Amount.Count(seen.Missed)} left out …");
        }

        var body = seen.Body is { } json ? SafeText.Line(json.GetRawText(), 300) : $"{Amount.Bytes(seen.BodyBytes)}";
        text.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{seen.At.UtcDateTime:HH:mm:ss.fff}  {seen.Step,-12} {seen.Partition}/{seen.Offset}  {seen.Id}{(seen.Attempt > 1 ? $"  attempt {seen.Attempt}" : "")}{(seen.Outcome is null ? "" : $"  {seen.Outcome}")}  {body}"));
    }
}
