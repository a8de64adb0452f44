using System.CommandLine;
using System.Text;
using Trunkline.Cli.Commands.Dead;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline parked list|release|skip FLOW [KEY]</c></summary>
internal static class ParkedCommand
{
    public static Command Create()
    {
        var command = new Command("parked", "Keys whose later messages wait, in order, behind one that failed.");
        command.Add(CreateList());
        command.Add(CreateRelease("release", "Run what waits behind a key, the failed message first, and open the key.", skipFailed: false));
        command.Add(CreateRelease("skip", "Run what waits behind a key without the failed message, which stays a dead letter.", skipFailed: true));
        return command;
    }

    private static Command CreateList()
    {
        var flow = LetterArgument.Flow();
        var command = new Command("list", "List parked keys, and messages that are tried again later.") { flow, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var list = await Patience.WaitAsync(
                output, $"waiting for {client.Address}", client.DeadLetters.ListParkedAsync(parsed.GetRequiredValue(flow), cancellationToken));
            output.Result(list, ApiJson.Default.ParkedKeyList, text => text.Table(
                ["key", "#partition", "#waiting", "#attempts", "tried again"],
                [.. list.Keys.Select(key => (IReadOnlyList<string>)
                [
                    key.Key is { } name ? SafeText.Line(name, 100) : "(no key)", Amount.Count(key.Partition), Amount.Count(key.Waiting),
                    key.Due is null ? "" : Amount.Count(key.Attempts), key.Due is { } due ? Amount.Time(due) : "awaits release",
                ])],
                "Nothing is parked."));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateRelease(string name, string description, bool skipFailed)
    {
        var flow = LetterArgument.Flow();
        var key = new Argument<string>("key") { Description = "The key, as the list shows it." };
        var isBase64 = new Option<bool>("--base64") { Description = "The key is given in base64: for keys that are not text." };
        var command = new Command(name, description) { flow, key, isBase64, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed, Timeout.InfiniteTimeSpan);
            var text = parsed.GetRequiredValue(key);
            var request = new ReleaseKeyRequest(parsed.GetValue(isBase64) ? text : Convert.ToBase64String(Encoding.UTF8.GetBytes(text)), skipFailed);
            var result = await Patience.WaitAsync(
                output, "releasing", client.DeadLetters.ReleaseAsync(parsed.GetRequiredValue(flow), request, cancellationToken));
            output.Result(result, ApiJson.Default.ReleaseKeyResult, to => to.Line(result.Outcome switch
            {
                "Released" => "Released: all that waited is through, in order.",
                "FailedAgain" => "A message failed again: it and what waits behind it stay parked.",
                "Delayed" => "A message failed again and is tried later by itself.",
                "NotParked" => "No such key is parked in this flow.",
                _ => "Interrupted: what is done is done, the rest stays parked.",
            }));
            return result.Outcome switch
            {
                "Released" or "Delayed" => ExitCode.Done,
                "FailedAgain" => ExitCode.Found,
                _ => ExitCode.Failed,
            };
        });
        return command;
    }
}
