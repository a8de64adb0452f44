using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;
using Trunkline.Core.Config;

namespace Trunkline.Cli.Commands.Dead;

/// <summary><c>trunkline dead drop FLOW [PARTITION/OFFSET]</c> and <c>trunkline dead expire FLOW --older-than 30d</c></summary>
internal static class DeadDropCommands
{
    public static Command CreateDrop()
    {
        var (flow, place) = (LetterArgument.Flow(), LetterArgument.Place(isOptional: true));
        var all = new Option<bool>("--all") { Description = "All open ones; with other options, all that fit." };
        var command = new Command("drop", "Drop dead letters: they count as dealt with; their bytes stay until retention.") { flow, place, all };
        var selection = Selection.Options().AddTo(command);
        command.Add(SharedOptions.Node);
        command.Add(SharedOptions.Json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var many = parsed.GetValue(all) || selection.IsGiven(parsed);
            var one = parsed.GetValue(place);
            if (one.HasValue == many)
            {
                throw CliException.Usage("Nothing says which dead letters are meant, or two things do.", "Give partition/offset for one, or --all, --cause, --step and the like for many.");
            }

            var name = parsed.GetRequiredValue(flow);
            return await EndAsync(output, many
                ? client.DeadLetters.DropAsync(name, new DropRequest(selection.Of(parsed)), cancellationToken)
                : client.DeadLetters.DropAsync(name, one!.Value.Partition, one.Value.Offset, cancellationToken));
        });
        return command;
    }

    public static Command CreateExpire()
    {
        var flow = LetterArgument.Flow();
        var age = new Option<string>("--older-than") { Description = "Age from their last failure, such as 30d.", HelpName = "duration", Required = true };
        age.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !DurationText.TryParse(result.Tokens[0].Value, out _))
            {
                result.AddError("--older-than is a duration such as 12h or 30d.");
            }
        });
        var command = new Command("expire", "Drop open dead letters that are older than an age.") { flow, age, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            _ = DurationText.TryParse(parsed.GetRequiredValue(age), out var older);
            var request = new DropRequest(new DeadLetterSelection { Until = TimeProvider.System.GetUtcNow() - older }, Expire: true);
            return await EndAsync(output, client.DeadLetters.DropAsync(parsed.GetRequiredValue(flow), request, cancellationToken));
        });
        return command;
    }

    private static async Task<int> EndAsync(Output output, Task<DropResponse> dropping)
    {
        var dropped = await Patience.WaitAsync(output, "dropping", dropping);
        output.Result(dropped, ApiJson.Default.DropResponse, text => text.Line($"{Amount.Count(dropped.Dropped)} dropped."));
        return ExitCode.Done;
    }
}
