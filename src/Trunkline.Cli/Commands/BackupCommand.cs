using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline backup DIR</c></summary>
internal static class BackupCommand
{
    private static readonly Argument<string> Target = new("dir") { Description = "A folder on the node's machine that does not exist yet." };

    public static Command Create()
    {
        var command = new Command("backup", "Take a backup of a running node's store; the node goes on.") { Target, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed, TimeSpan.FromHours(1));
            var request = new BackupRequest(Path.GetFullPath(parsed.GetValue(Target)!));
            var backup = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.BackupAsync(request, cancellationToken));
            output.Result(backup, ApiJson.Default.BackupView, text => text.Line(
                $"{backup.Directory}: {Amount.Count(backup.Topics)} topics, {Amount.Count(backup.Messages)} messages as of {Amount.Time(backup.TakenAt)}. Restore it with 'trunkline restore'."));
            return ExitCode.Done;
        });
        return command;
    }
}
