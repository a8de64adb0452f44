using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline slo test [FLOW]</c></summary>
internal static class SloTestCommand
{
    private static readonly Argument<string?> Flow = new("flow") { Description = "Only this flow's.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Since = new("--since") { Description = "How far back: 1h to 46h. Default 24h.", HelpName = "duration", DefaultValueFactory = _ => "24h" };
    private static readonly Option<string?> Target = new("--target") { Description = "Another share to try, such as 99.5%.", HelpName = "share" };
    private static readonly Option<string?> Window = new("--window") { Description = "Another rolling window to try, such as 7d.", HelpName = "duration" };
    private static readonly Option<int?> Least = new("--least") { Description = "Other messages a rule is judged by at least.", HelpName = "count" };

    public static Command Create()
    {
        var command = new Command("test", "Replay yesterday through the alerts on SLOs: would they have fired, when, how long, and was it worth it? Exit code 1 if one would have.")
        {
            Flow, Since, Target, Window, Least, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var tried = new SloTrialNumbers(parsed.GetValue(Target), parsed.GetValue(Window), parsed.GetValue(Least));
        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Slos.TestAsync(parsed.GetValue(Flow), parsed.GetRequiredValue(Since), tried, cancellationToken));
        output.Result(list, ApiJson.Default.SloTestList, text => Show(text, list));
        return list.Slos.Any(s => s.Firings.Count > 0) ? ExitCode.Found : ExitCode.Done;
    }

    private static void Show(Output text, SloTestList list)
    {
        text.Line($"{Amount.Time(list.From)} to {Amount.Time(list.Until)}");
        text.Table(
            ["slo", "tenant", "#target", "#window", "#messages", "#not good", "#alerts", "#worth it", "#spent silently"],
            [.. list.Slos.Select(s => (IReadOnlyList<string>)
            [
                s.Name, s.Tenant ?? "", Percent(s.Target), Amount.Duration(TimeSpan.FromDays(s.WindowDays)), Amount.Count(s.Due), Amount.Count(s.Bad),
                Amount.Count(s.Firings.Count), s.Precision is { } precision ? Percent(precision) : "-", Percent(s.SpentSilently),
            ])],
            "No flow has an SLO, so nothing was counted. Write one beside its steps: slo: { within: 30s, latency: 99% }");
        foreach (var (slo, firing) in list.Slos.SelectMany(s => s.Firings, (s, f) => (s, f)))
        {
            text.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"{slo.Name}{(slo.Tenant is null ? "" : " of " + slo.Tenant)}: {firing.Severity} from {Amount.Time(firing.From)}, {(firing.Until is { } until ? $"for {Amount.Duration(until - firing.From)}" : "on still")}; it began {Amount.Duration(firing.From - firing.Began)} before; {firing.Bad} of {firing.Due} not good, {Percent(firing.Spent)} of the budget: {(firing.IsRight ? "worth it" : "not worth it")}"));
        }
    }

    private static string Percent(double share) => (share * 100).ToString("0.###", CultureInfo.InvariantCulture) + " %";
}
