using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Messaging.Checking;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline verify-journal FILE...</c>: judges what a load generator wrote down. Format: docs/formats/journal.md.</summary>
internal static class VerifyJournalCommand
{
    private static readonly Argument<string[]> Files = new("file")
    {
        Description = "Journals (NDJSON) of one run, in any order; the lines of one reader, and of one group's deliveries and positions, stand in one file.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create()
    {
        var command = new Command("verify-journal", "Judge journals of a run: nothing lost, invented, doubled, reordered, altered. Exit code 1 if anything is.")
        {
            Files, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var files = parsed.GetValue(Files)!;
        if (Array.Find(files, file => !File.Exists(file)) is { } missing)
        {
            throw CliException.Usage($"There is no file '{missing}'.", "Name the journals the run wrote.");
        }

        var verdict = await JournalChecker.CheckAsync(ReadAsync(files, cancellationToken), cancellationToken);
        output.Result(View(verdict), CliJson.Default.JournalVerdictDocument, text => Write(text, verdict));
        return verdict.Counts.Count == 0 ? ExitCode.Done : ExitCode.Found;
    }

    private static async IAsyncEnumerable<JournalEntry> ReadAsync(
        string[] files, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            await using var stream = File.OpenRead(file);
            await using var entries = Journal.ReadAsync(stream, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await NextAsync(entries, file))
            {
                yield return entries.Current;
            }
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<JournalEntry> entries, string file)
    {
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (JournalException broken)
        {
            throw new CliException(ExitCode.Failed, "cli.journal-unreadable", $"{file}: {broken.Message}", "docs/formats/journal.md says what a line may be.");
        }
    }

    private static JournalVerdictDocument View(JournalVerdict verdict) => new(
        verdict.Counts.Count == 0, verdict.Attempted, verdict.Acknowledged, verdict.Recovered, verdict.Stored,
        verdict.Counts.ToDictionary(count => Name(count.Key), count => count.Value),
        [.. verdict.Findings.Select(finding => new JournalFindingView(Name(finding.Kind), finding.Where, finding.Detail))]);

    private static void Write(Output text, JournalVerdict verdict)
    {
        foreach (var finding in verdict.Findings)
        {
            text.Line($"{Name(finding.Kind)}: {finding.Where} {finding.Detail}");
        }

        foreach (var (kind, count) in verdict.Counts.Where(count => count.Value > JournalChecker.FindingsMax))
        {
            text.Line($"{Name(kind)}: {Amount.Count(count - JournalChecker.FindingsMax)} more");
        }

        text.Line(string.Create(CultureInfo.InvariantCulture,
            $"{verdict.Attempted} attempted, {verdict.Acknowledged} acknowledged, {verdict.Recovered} of unknown outcome and there, {verdict.Stored} read: {(verdict.Counts.Count == 0 ? "sound" : $"{verdict.Counts.Values.Sum()} findings")}"));
    }

    private static string Name(FindingKind kind) => kind switch
    {
        FindingKind.PositionAhead => "position-ahead",
        FindingKind.PositionBehind => "position-behind",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
