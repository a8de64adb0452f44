using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands.Dead;

/// <summary><c>trunkline dead redrive FLOW [PARTITION/OFFSET]</c>: one, as it was or edited, or all that fit.</summary>
internal static class DeadRedriveCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private static readonly Argument<string> Flow = LetterArgument.Flow();
    private static readonly Argument<(int Partition, long Offset)?> Place = LetterArgument.Place(isOptional: true);
    private static readonly Option<bool> All = new("--all") { Description = "All open ones; with other options, all that fit." };
    private static readonly Option<int?> Rate = new("--rate") { Description = "Messages a second at most. Default: as fast as the flow takes them.", HelpName = "count" };
    private static readonly Option<bool> Wait = new("--wait") { Description = "Wait until it has ended." };
    private static readonly Option<FileInfo?> Payload = new("--payload") { Description = "Run it with this file's bytes instead; the original is kept.", HelpName = "path" };
    private static readonly Option<string?> ContentType = new("--content-type") { Description = "Type of that payload. Default: the original's.", HelpName = "type" };
    private static readonly QuestionOptions<DeadLetterSelection> Chosen = Selection.Options();

    public static Command Create()
    {
        Rate.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var rate) && rate is >= 1 and <= 1_000_000))
            {
                result.AddError("--rate is a number from 1 to 1000000.");
            }
        });
        var command = new Command("redrive", "Run messages of dead letters again, in order per key. A second time does nothing.")
        {
            Flow, Place, All, Rate, Wait, Payload, ContentType,
        };
        Chosen.AddTo(command);
        command.Add(SharedOptions.Node);
        command.Add(SharedOptions.Json);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var many = parsed.GetValue(All) || Chosen.IsGiven(parsed);
        if (parsed.GetValue(Place) is { } place)
        {
            return many
                ? throw CliException.Usage("One dead letter, or all that fit, but not both.", "Leave out partition/offset, or the options that select.")
                : await OneAsync(parsed, client, output, place, cancellationToken);
        }

        if (!many || parsed.GetValue(Payload) is not null)
        {
            throw CliException.Usage("Nothing says which dead letter is meant.", "Give partition/offset for one, or --all, --cause, --step and the like for many.");
        }

        var request = new BeginRedriveRequest(Chosen.Of(parsed), parsed.GetValue(Rate));
        var redrive = await client.DeadLetters.BeginRedriveAsync(parsed.GetRequiredValue(Flow), request, cancellationToken);
        if (parsed.GetValue(Wait))
        {
            redrive = await EndAsync(client, output, redrive, cancellationToken);
        }

        output.Result(redrive, ApiJson.Default.RedriveView, text => Write(text, redrive));
        return redrive.State == "failed" ? ExitCode.Failed : redrive.FailedAgain > 0 ? ExitCode.Found : ExitCode.Done;
    }

    private static async Task<int> OneAsync(
        ParseResult parsed, TrunklineClient client, Output output, (int Partition, long Offset) place, CancellationToken cancellationToken)
    {
        var edited = parsed.GetValue(Payload) is { } file ? Convert.ToBase64String(await ReadAsync(file, cancellationToken)) : null;
        var request = new RedriveRequest(edited, parsed.GetValue(ContentType));
        var response = await Patience.WaitAsync(
            output,
            $"waiting for {client.Address}",
            client.DeadLetters.RedriveAsync(parsed.GetRequiredValue(Flow), place.Partition, place.Offset, request, cancellationToken));
        output.Result(response, ApiJson.Default.RedriveResponse, text => text.Line($"{response.Outcome}: {response.Detail}"));
        return response.Outcome switch
        {
            "redriven" or "already-done" or "parked" or "delayed" => ExitCode.Done,
            "failed-again" => ExitCode.Found,
            _ => ExitCode.Failed,
        };
    }

    private static async Task<byte[]> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(file.FullName, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"'{file}' cannot be read: {failure.Message}", "Give the path of a file that can be read.");
        }
    }

    private static async Task<RedriveView> EndAsync(TrunklineClient client, Output output, RedriveView redrive, CancellationToken cancellationToken)
    {
        while (redrive.State == "running")
        {
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
            redrive = await client.DeadLetters.GetRedriveAsync(redrive.Id, cancellationToken);
            output.Note($"{Amount.Count(redrive.Redriven)} redriven, {Amount.Count(redrive.FailedAgain)} failed again");
        }

        return redrive;
    }

    /// <summary>A redrive for people.</summary>
    public static void Write(Output text, RedriveView redrive)
    {
        text.Line($"redrive {redrive.Id} of {redrive.Flow}: {redrive.State}{(redrive.Reason is { } reason ? $" ({reason})" : "")}");
        text.Line($"{Amount.Count(redrive.Redriven)} redriven, {Amount.Count(redrive.FailedAgain)} failed again, {Amount.Count(redrive.Waiting)} waiting, {Amount.Count(redrive.Skipped)} dealt with before");
        if (redrive.State == "running")
        {
            text.Line("It goes on in the background; 'trunkline dead redrives' shows how far it is.");
        }
    }
}
