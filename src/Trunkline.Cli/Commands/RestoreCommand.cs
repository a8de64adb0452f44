using System.CommandLine;
using Trunkline.Brokers.Embedded.Backups;
using Trunkline.Cli.Terminal;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline restore DIR --data D</c>: makes a stopped node's store of a backup.</summary>
internal static class RestoreCommand
{
    private static readonly Argument<string> Backup = new("dir") { Description = "The folder 'trunkline backup' made." };

    public static Command Create()
    {
        var command = new Command("restore", "Make the store of a stopped node from a backup; refused over a newer store.") { Backup, SharedOptions.Data, SharedOptions.Json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var backup = parsed.GetValue(Backup)!;
        var store = Path.Combine(SharedOptions.DataFolder(parsed), "store");
        var (note, moved) = await Patience.WaitAsync(output, $"restoring {backup}", Task.Run(() => Restore(backup, store, cancellationToken), cancellationToken));
        var document = new RestoreDocument(backup, store, note.TakenAt, note.Sequence, note.Topics, note.Messages, moved);
        output.Result(document, CliJson.Default.RestoreDocument, text => Write(text, document));
        return ExitCode.Done;
    }

    private static (BackupNote Note, string? MovedTo) Restore(string backup, string store, CancellationToken cancellationToken)
    {
        try
        {
            return StoreRestore.Restore(backup, store, cancellationToken);
        }
        catch (BrokerException refused)
        {
            throw new CliException(ExitCode.Failed, "cli.restore-refused", refused.Message, "Nothing was changed. docs/how-to/back-up.md says when a restore is refused.");
        }
    }

    private static void Write(Output text, RestoreDocument restored)
    {
        if (restored.MovedTo is { } moved)
        {
            text.Line($"The older store that was there is now {moved}.");
        }

        text.Line($"{restored.Store}: {Amount.Count(restored.Topics)} topics, {Amount.Count(restored.Messages)} messages as of {Amount.Time(restored.TakenAt)}. Start the node with 'trunkline run'.");
    }
}
