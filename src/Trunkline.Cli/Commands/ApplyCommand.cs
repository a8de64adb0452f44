using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline apply</c>: the project as one revision, or none.</summary>
internal static class ApplyCommand
{
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only show the plan." };
    private static readonly Option<bool> Force = new("--force") { Description = "Do it although something speaks against it that can be forced, such as unread messages." };
    private static readonly Option<bool> History = new("--history") { Description = "List the revisions the node knows." };
    private static readonly Option<long?> To = new("--to") { Description = "Go back (or forward) to a revision the node knows.", HelpName = "revision" };

    public static Command Create()
    {
        var command = new Command("apply", "Put the project in force on a running node: shows the plan, asks, switches as a whole.")
        {
            SharedOptions.File, Yes, DryRun, Force, History, To, SharedOptions.Node, SharedOptions.Json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(History) is { Implicit: false } && new[] { result.GetResult(DryRun), result.GetResult(To) }.Any(option => option is { Implicit: false }))
            {
                result.AddError("--history excludes --dry-run and --to.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        if (parsed.GetValue(History))
        {
            return await ShowHistoryAsync(output, client, cancellationToken);
        }

        if (parsed.GetValue(To) is { } revision)
        {
            return await PlanAndDoAsync(parsed, output, client, (dryRun, expected) => client.ActivateAsync(
                revision, new ActivateRequest { DryRun = dryRun, Force = parsed.GetValue(Force), ExpectedRevision = expected }, cancellationToken));
        }

        return ProjectText.Read(SharedOptions.ProjectFile(parsed), output) is { } text
            ? await PlanAndDoAsync(parsed, output, client, (dryRun, expected) => client.ApplyAsync(
                new ApplyRequest { Main = text.Main, Files = text.Files, DryRun = dryRun, Force = parsed.GetValue(Force), ExpectedRevision = expected }, cancellationToken))
            : ExitCode.Usage;
    }

    private static async Task<int> PlanAndDoAsync(ParseResult parsed, Output output, TrunklineClient client, Func<bool, long?, Task<PlanView>> call)
    {
        var plan = await Patience.WaitAsync(output, "planning", call(true, null));
        var refused = plan.Refusals.Any(refusal => !(refusal.CanForce && parsed.GetValue(Force)));
        if (parsed.GetValue(DryRun) || plan.Changes.Count == 0 || refused)
        {
            output.Result(plan, ApiJson.Default.PlanView, text => PlanText.Write(text.Line, plan));
            return refused ? ExitCode.Failed : ExitCode.Done;
        }

        PlanText.Write(output.Json ? output.Note : output.Line, plan);
        if (!Confirmed(parsed, output, $"Put this in force on {client.Address}?"))
        {
            return ExitCode.Failed;
        }

        // The plan shown is the plan done: if someone else switches in between, the node refuses.
        var done = await Patience.WaitAsync(output, "switching", call(false, plan.From));
        output.Result(done, ApiJson.Default.PlanView, text => PlanText.WriteDone(text, done));
        return ExitCode.Done;
    }

    private static async Task<int> ShowHistoryAsync(Output output, TrunklineClient client, CancellationToken cancellationToken)
    {
        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.ListRevisionsAsync(cancellationToken));
        output.Result(list, ApiJson.Default.RevisionList, text => text.Table(
            ["#revision", "", "applied", "by", "hash"],
            [.. list.Revisions.Select(revision => (IReadOnlyList<string>)
            [
                revision.Number.ToString(CultureInfo.InvariantCulture), revision.Current ? "in force" : "", Amount.Time(revision.AppliedAt), revision.AppliedBy,
                revision.Hash[..Math.Min(12, revision.Hash.Length)],
            ])],
            "No revisions yet: trunkline apply"));
        return ExitCode.Done;
    }

    private static bool Confirmed(ParseResult parsed, Output output, string question)
    {
        if (parsed.GetValue(Yes))
        {
            return true;
        }

        if (Console.IsInputRedirected || output.Json)
        {
            throw CliException.Usage("Nobody is there to confirm.", "Add --yes to apply without asking, or --dry-run to see the plan only.");
        }

        Console.Error.Write($"{SafeText.Line(question)} [y/N] ");
        if (Console.ReadLine()?.Trim() is "y" or "Y" or "yes")
        {
            return true;
        }

        output.Note("nothing was changed");
        return false;
    }
}
