using System.CommandLine;
using Trunkline.Cli.Reports;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline promises [NAME]</c></summary>
internal static class PromisesCommand
{
    private static readonly Argument<string?> Name = new("name") { Description = "Only this promise, with its days.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Month = new("--month") { Description = "A calendar month (UTC), such as 2026-02. Default: this one.", HelpName = "month" };
    private static readonly Option<bool> Markdown = new("--markdown") { Description = "A report to hand on, in Markdown." };

    public static Command Create()
    {
        var command = new Command("promises", "Show what teams owe each other and tenants, and how they kept it in a month. Exit code 1 if a promise is broken.")
        {
            Name, Month, Markdown, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Slos.PromisesAsync(parsed.GetValue(Month), cancellationToken));
        if (parsed.GetValue(Name) is { } name)
        {
            list = list with { Promises = [.. list.Promises.Where(p => p.Name == name)] };
            if (list.Promises.Count == 0)
            {
                throw CliException.Usage($"There is no promise '{SafeText.Line(name, 100)}'.", "'trunkline promises' lists them.");
            }
        }

        if (parsed.GetValue(Markdown) && !output.Json)
        {
            output.Verbatim(PromiseReport.Markdown(list));
            output.Flush();
        }
        else
        {
            output.Result(list, ApiJson.Default.PromiseList, text => Show(text, list, parsed.GetValue(Name) is not null));
        }

        return list.Promises.Any(p => p.Verdict == "broken") ? ExitCode.Found : ExitCode.Done;
    }

    private static void Show(Output text, PromiseList list, bool whole)
    {
        text.Line($"{list.Month}{(list.IsOver ? "" : ", so far")}");
        text.Table(
            ["promise", "by", "to", "slo", "#target", "#good", "#messages", "#not good", "#incidents", "state"],
            [.. list.Promises.Select(p => (IReadOnlyList<string>)
            [
                p.Name, p.By, PromiseReport.To(p), p.Slo, Amount.Share(p.Target), Amount.Share(p.Good), Amount.Count(p.Due), Amount.Count(p.Bad), Amount.Count(p.Incidents), p.Verdict,
            ])],
            "Nobody promises anything. Write promises: { quick-for-acme: { slo: triage.latency, tenant: acme } }");
        if (whole)
        {
            text.Table(
                ["day", "#messages", "#not good", "#good"],
                [.. list.Promises.SelectMany(p => p.Days).Select(d => (IReadOnlyList<string>)[PromiseReport.Day(d), Amount.Count(d.Due), Amount.Count(d.Bad), Amount.Share(1 - ((double)d.Bad / d.Due))])],
                "No message was due.");
        }
    }
}
