using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline incidents</c></summary>
internal static class IncidentsCommand
{
    private const int Shown = 20;

    private static readonly Option<int> Weeks = new("--weeks") { Description = "Weeks, with this one: 1 to 52. Default 8.", HelpName = "count", DefaultValueFactory = _ => 8 };
    private static readonly Option<string?> Owner = new("--owner") { Description = "Only this owner's.", HelpName = "name" };

    public static Command Create()
    {
        var command = new Command("incidents", "Show how incidents of owners went, week by week: how long it took to notice, to take on, to restore.")
        {
            Owner, Weeks, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var trends = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Alerts.TrendsAsync(parsed.GetValue(Weeks), parsed.GetValue(Owner), cancellationToken));
        output.Result(trends, ApiJson.Default.IncidentTrends, text => Show(text, trends));
        return ExitCode.Done;
    }

    private static void Show(Output text, IncidentTrends trends)
    {
        text.Table(
            ["owner", "week of", "#incidents", "#pages", "#half noticed within", "#half taken on within", "#half restored within"],
            [.. trends.Owners.SelectMany(o => o.Weeks, (o, w) => (IReadOnlyList<string>)
            [
                o.Owner.Length == 0 ? "(none)" : o.Owner, Amount.Time(w.Monday)[..10], Amount.Count(w.Incidents), Amount.Count(w.Pages),
                Span(w.DetectSeconds), Span(w.AcknowledgeSeconds), Span(w.RestoreSeconds),
            ])],
            "No incident in this time.");
        if (trends.Incidents.Count > 0)
        {
            text.Line("");
            text.Table(
                ["began", "owner", "what", "#noticed after", "#taken on after", "#restored after"],
                [.. trends.Incidents.Take(Shown).Select(i => (IReadOnlyList<string>)
                [
                    Amount.Time(i.Since), i.Owner ?? "", SafeText.Line(i.Summary, 100), Span((i.DetectedAt - i.Since).TotalSeconds),
                    Span((i.AcknowledgedAt - i.DetectedAt)?.TotalSeconds), i.ResolvedAt is { } over ? Span((over - i.Since).TotalSeconds) : "on",
                ])],
                "");
        }
    }

    private static string Span(double? seconds) => seconds is { } some ? Amount.Duration(TimeSpan.FromSeconds(Math.Round(some))) : "-";
}
