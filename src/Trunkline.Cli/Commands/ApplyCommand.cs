using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Core.Config;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline apply</c>: the project as one revision, or none.</summary>
internal static class ApplyCommand
{
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only show the plan." };
    private static readonly Option<bool> History = new("--history") { Description = "List the revisions the node knows." };
    private static readonly Option<long?> To = new("--to") { Description = "Go back (or forward) to a revision the node knows.", HelpName = "revision" };

    public static Command Create()
    {
        var command = new Command("apply", "Put the project in force on a running node: shows the plan, asks, switches as a whole.")
        {
            SharedOptions.File, Yes, DryRun, History, To, SharedOptions.Node, SharedOptions.Json,
        };
        command.Validators.Add(result =>
        {
            var ways = new[] { result.GetResult(DryRun), result.GetResult(History), result.GetResult(To) }.Count(option => option is { Implicit: false });
            if (ways > 1)
            {
                result.AddError("--dry-run, --history and --to exclude each other.");
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

        return parsed.GetValue(To) is { } revision
            ? await SwitchAsync(parsed, output, client, revision, cancellationToken)
            : await ApplyAsync(parsed, output, client, cancellationToken);
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

    private static async Task<int> SwitchAsync(ParseResult parsed, Output output, TrunklineClient client, long revision, CancellationToken cancellationToken)
    {
        if (!Confirmed(parsed, output, $"Put revision {revision} in force on {client.Address}?"))
        {
            return ExitCode.Failed;
        }

        var plan = await Patience.WaitAsync(output, "switching", client.SwitchAsync(revision, cancellationToken));
        output.Result(plan, ApiJson.Default.PlanView, text => WriteDone(text, plan));
        return ExitCode.Done;
    }

    private static async Task<int> ApplyAsync(ParseResult parsed, Output output, TrunklineClient client, CancellationToken cancellationToken)
    {
        if (Request(SharedOptions.ProjectFile(parsed), output) is not { } request)
        {
            return ExitCode.Usage;
        }

        var plan = await Patience.WaitAsync(output, "planning", client.ApplyAsync(request with { DryRun = true }, cancellationToken));
        if (parsed.GetValue(DryRun) || plan.Changes.Count == 0)
        {
            output.Result(plan, ApiJson.Default.PlanView, text => WritePlan(text.Line, plan));
            return ExitCode.Done;
        }

        WritePlan(output.Json ? output.Note : output.Line, plan);
        if (!Confirmed(parsed, output, $"Put this in force on {client.Address}?"))
        {
            return ExitCode.Failed;
        }

        // The plan shown is the plan applied: if someone else switches in between, the node refuses.
        var done = await Patience.WaitAsync(output, "switching", client.ApplyAsync(request with { ExpectedRevision = plan.From }, cancellationToken));
        output.Result(done, ApiJson.Default.PlanView, text => WriteDone(text, done));
        return ExitCode.Done;
    }

    /// <summary>
    /// The project as the node takes it, or null when it is at fault. Variables are the node's own, so one that is unset here is no
    /// fault yet; the node tells if it lacks it too.
    /// </summary>
    private static ApplyRequest? Request(string path, Output output)
    {
        var load = ProjectLoading.Load(path);
        var faults = load.Faults.Where(fault => fault.Code != FaultCodes.VariableUnset).ToArray();
        if (faults.Length > 0)
        {
            Failures.Say(output, ExitCode.Usage,
                new FailureView("config.faults", $"{path} has {faults.Length} faults.", "Nothing was changed.", ProjectLoading.Views(faults)));
            return null;
        }

        return new ApplyRequest { Main = Directory.Exists(path) ? "trunkline.yaml" : Path.GetFileName(path), Files = load.Files };
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

    private static void WritePlan(Action<string> line, PlanView plan)
    {
        if (plan.Changes.Count == 0)
        {
            line($"Nothing to do: revision {plan.From} is the same project.");
            return;
        }

        foreach (var change in plan.Changes)
        {
            var sign = change.Action switch { "add" => "+", "remove" => "-", _ => "~" };
            line($"  {sign} {change.Kind} {change.Name}{(change.Detail is null ? "" : $": {change.Detail}")}");
        }
    }

    private static void WriteDone(Output text, PlanView plan) =>
        text.Line(plan.To is { } revision ? $"Revision {revision} is in force (before: {plan.From})." : $"Nothing to do: revision {plan.From} is in force.");
}
