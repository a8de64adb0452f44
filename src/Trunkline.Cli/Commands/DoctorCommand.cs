using System.CommandLine;
using System.Globalization;
using Trunkline.Brokers.Embedded.Inspection;
using Trunkline.Cli.Terminal;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline doctor</c>: looks at a stopped node's store, and repairs it into a copy.</summary>
internal static class DoctorCommand
{
    private static readonly Option<string?> RepairInto = new("--repair-into")
    {
        Description = "Copy what is readable into a new data folder and list each lost offset; the original is not touched.",
        HelpName = "path",
    };

    private static readonly Option<bool> PastDamage = new("--past-damage")
    {
        Description = "With --repair-into: take what the log holds behind a damaged change even if it goes on from it. The findings name what is then not done again.",
    };

    public static Command Create()
    {
        var command = new Command("doctor", "Check a stopped node's store: every checksum, offset and position. Exit code 1 if anything is wrong.")
        {
            SharedOptions.Data, RepairInto, PastDamage, SharedOptions.Json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(PastDamage) && result.GetValue(RepairInto) is null)
            {
                result.AddError("--past-damage goes with --repair-into.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var store = Path.Combine(SharedOptions.DataFolder(parsed), "store");
        var target = parsed.GetValue(RepairInto);
        var report = await Patience.WaitAsync(output, $"reading {store}", Task.Run(() => Inspect(store, target, parsed.GetValue(PastDamage), cancellationToken), cancellationToken));
        var document = new StoreReportDocument(
            report.Findings.Count == 0, store, report.Topics, report.Batches, report.Messages,
            [.. report.Findings.Select(f => new StoreFindingView(Name(f.Kind), f.Topic, f.Partition, f.From, f.To, f.Detail))], target);
        output.Result(document, CliJson.Default.StoreReportDocument, text => Write(text, document));
        return document.Clean ? ExitCode.Done : ExitCode.Found;
    }

    private static StoreReport Inspect(string store, string? target, bool pastDamage, CancellationToken cancellationToken)
    {
        try
        {
            if (target is null)
            {
                return StoreInspection.Inspect(store, cancellationToken);
            }

            Directory.CreateDirectory(target);
            return StoreInspection.RepairInto(store, Path.Combine(target, "store"), pastDamage, cancellationToken);
        }
        catch (BrokerException refused)
        {
            throw new CliException(ExitCode.Failed, "cli.store-unavailable", refused.Message, "Name the data folder of a stopped node with --data; see docs/how-to/damaged-store.md.");
        }
    }

    private static void Write(Output text, StoreReportDocument report)
    {
        foreach (var finding in report.Findings)
        {
            var where = finding.Topic is null ? "" : $" {finding.Topic}/{finding.Partition} {Range(finding)}";
            text.Line($"{finding.Kind}{where}: {finding.Detail}");
        }

        text.Line($"{report.Store}: {Amount.Count(report.Topics)} topics, {Amount.Count(report.Batches)} whole batches, {Amount.Count(report.Messages)} messages, "
            + (report.Clean ? "nothing wrong" : $"{report.Findings.Count} findings"));
        if (report.RepairedInto is { } target)
        {
            text.Line($"What is readable was copied into {target}; start a node on it with 'trunkline run --data {target}'.");
        }
    }

    private static string Range(StoreFindingView finding) => finding.From == finding.To
        ? string.Create(CultureInfo.InvariantCulture, $"offset {finding.From}")
        : string.Create(CultureInfo.InvariantCulture, $"offsets {finding.From} to {finding.To}");

    private static string Name(StoreFindingKind kind) =>
        string.Concat(kind.ToString().Select((letter, i) => char.IsUpper(letter) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(letter) : letter.ToString()));
}
