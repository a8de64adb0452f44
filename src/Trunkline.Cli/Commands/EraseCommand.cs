using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline erase --key K | --id I | --tenant T</c></summary>
internal static class EraseCommand
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(500);

    private static readonly Option<string?> Key = new("--key") { Description = "All messages of this key.", HelpName = "key" };
    private static readonly Option<string?> Id = new("--id") { Description = "The message with this id.", HelpName = "id" };
    private static readonly Option<string?> Tenant = new("--tenant") { Description = "All messages of this tenant.", HelpName = "tenant" };
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };

    public static Command Create()
    {
        var command = new Command("erase", "Erase all that belongs to a key, an id or a tenant, also from the disk, and print the proof.")
        {
            Key, Id, Tenant, Yes, SharedOptions.Node, SharedOptions.Json,
        };
        command.Validators.Add(result =>
        {
            if (new[] { Key, Id, Tenant }.Count(option => result.GetValue(option) is not null) != 1)
            {
                result.AddError("Name exactly one of --key, --id and --tenant.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        if (!parsed.GetValue(Yes) && !Confirmed(client.Address))
        {
            throw CliException.Usage("Nothing was erased.", "Answer 'erase', or give --yes.");
        }

        var started = await client.StartErasureAsync(
            new EraseRequest { Key = parsed.GetValue(Key), Id = parsed.GetValue(Id), Tenant = parsed.GetValue(Tenant) }, cancellationToken);
        output.Note($"erasure {started.Id} started; it goes on without this command, and over a restart of the node");
        var proof = await Patience.WaitAsync(output, "searching, erasing, rewriting files", DoneAsync(client, started.Id, cancellationToken));
        output.Result(proof, ApiJson.Default.ErasureView, text => Write(text, proof, started.Salt));
        return proof.State == "done" ? ExitCode.Done : ExitCode.Failed;
    }

    private static bool Confirmed(Uri node)
    {
        if (Console.IsInputRedirected)
        {
            return false;
        }

        Console.Error.Write($"This cannot be taken back. Type 'erase' to erase it from the node at {node}: ");
        return Console.ReadLine()?.Trim() == "erase";
    }

    private static async Task<ErasureView> DoneAsync(TrunklineClient client, string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            var view = await client.GetErasureAsync(id, cancellationToken);
            if (view.State == "done" || view.Trouble is not null)
            {
                return view;
            }

            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
        }
    }

    private static void Write(Output text, ErasureView proof, string salt)
    {
        text.Line(proof.State == "done" ? $"Proof of erasure {proof.Id}" : $"Erasure {proof.Id}: {proof.State}, {proof.Trouble}");
        text.Line($"asked for: a {proof.Kind}, {proof.RequestHash}");
        text.Line($"salt of that hash, kept nowhere else: {salt}");
        text.Line($"by {proof.Who}, {Amount.Time(proof.StartedAt)} to {Amount.Time(proof.FinishedAt)}");
        text.Table(
            ["store", "kind", "#searched", "#erased"],
            [.. proof.Stores.Select(store => (IReadOnlyList<string>)
                [store.Store, store.Kind, store.Searched is { } searched ? Amount.Count(searched) : "-", Amount.Count(store.Erased)])],
            "Nothing was searched yet.");
        text.Line(proof.Backups.Count == 0
            ? "Backups: the node knows of none. Copies you made yourself still hold it."
            : $"Backups that still hold it: {string.Join(", ", proof.Backups)}");
    }
}
