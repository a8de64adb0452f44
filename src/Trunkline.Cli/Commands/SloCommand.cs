using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline slo [FLOW]</c></summary>
internal static class SloCommand
{
    private static readonly Argument<string?> Flow = new("flow") { Description = "Only this flow's, with where and since which change its budget was spent.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create()
    {
        var command = new Command("slo", "Show what flows promise, what is left of their error budgets, and how fast these burn. Exit code 1 if one burns too fast or is spent.")
        {
            Flow, SharedOptions.Node, SharedOptions.Json,
        };
        command.Add(SloTestCommand.Create());
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var flow = parsed.GetValue(Flow);
        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Slos.ListAsync(flow, cancellationToken));
        output.Result(list, ApiJson.Default.SloList, text => Show(text, list, flow is not null));
        return list.Slos.Any(s => s.State != "good") ? ExitCode.Found : ExitCode.Done;
    }

    private static void Show(Output text, SloList list, bool whole)
    {
        text.Table(
            ["slo", "tenant", "#good", "#at least", "#target", "#window", "#counted", "#budget left", "burn 1st..4th rule", "state"],
            [.. list.Slos.Select(Row)],
            "No flow has an SLO. Write one beside its steps: slo: { within: 30s, latency: 99% }");
        foreach (var slo in whole ? list.Slos : [])
        {
            if (slo.Hops.Count > 0)
            {
                text.Line($"{slo.Name}{(slo.Tenant is null ? "" : " of " + slo.Tenant)}: spent at {string.Join(", ", slo.Hops.Select(h => $"{h.Hop} ({Amount.Count(h.Bad)}, {Amount.Share(h.Share)})"))}");
            }

            foreach (var change in slo.Changes.Where(c => c.Bad > 0))
            {
                text.Line($"{slo.Name}: {Amount.Share(change.Spent)} of the budget since {change.What} of {change.Target} by {change.Who}, {Amount.Time(change.At)}");
            }
        }
    }

    private static IReadOnlyList<string> Row(SloView slo) =>
    [
        slo.Name, slo.Tenant ?? "", Amount.Share(slo.Good), slo.Due == 0 ? "-" : Amount.Share(slo.GoodLow), Amount.Share(slo.Target), Amount.Duration(TimeSpan.FromDays(slo.WindowDays)), slo.Unit == "messages" ? Amount.Count(slo.Due) : $"{Amount.Count(slo.Due)} {slo.Unit}", BudgetLeft(slo),
        string.Join(' ', slo.Burns.Select(Burn)), slo.EndsAt is { } end && slo.State != "good" ? $"{slo.Verdict}, spent by {Amount.Time(end)}" : slo.Verdict,
    ];

    private static string BudgetLeft(SloView slo) =>
        slo.Spent > 1 ? string.Create(CultureInfo.InvariantCulture, $"none, spent {slo.Spent:0.#} ×") : Amount.Share(1 - slo.Spent);

    /// <summary>A burn that is over its factor is marked.</summary>
    private static string Burn(SloBurnView burn) => burn.Over is { } rate ? rate.ToString("0.#", CultureInfo.InvariantCulture) + (burn.Fires ? "!" : "") : "-";
}
