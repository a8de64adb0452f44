using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Reports;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline map [--at TIME] [--against TIME] [--find TEXT] [--owner NAME] [--only trouble] [--hide KINDS] [--group owner] [--mermaid | --dot]</c></summary>
internal static class MapCommand
{
    private static readonly Option<bool> Mermaid = new("--mermaid") { Description = "As a Mermaid flowchart, for a page in Markdown." };
    private static readonly Option<bool> Dot = new("--dot") { Description = "As a graph for Graphviz' dot." };

    private static readonly QuestionOptions<MapQuestion> Question = new QuestionOptions<MapQuestion>(new MapQuestion())
        .Text("--at", "The map as it was: a time (2026-01-31T12:00Z) or an age (2h). Minutes are kept for 48 hours, hours for 30 days, days for 24 months.", "time", (question, text) => question with { At = text })
        .Text("--against", "What is different from this time, and what was changed between.", "time", (question, text) => question with { Against = text })
        .Text("--find", "Only what has this in its name, id or owner, and its neighbours.", "text", (question, text) => question with { Find = text })
        .Text("--owner", "Only what belongs to this owner, and its neighbours.", "name", (question, text) => question with { Owner = text })
        .Text("--only", "trouble: only what is not well, and its neighbours.", "what", (question, text) => question with { Only = text })
        .Text("--hide", $"Kinds to leave out, with commas between: {string.Join(", ", MapQuestion.Kinds)}.", "kinds", (question, text) => question with { Hide = text })
        .Text("--group", "owner: draw all of an owner as one.", "how", (question, text) => question with { Group = text });

    public static Command Create()
    {
        var command = new Command("map", "Show what runs and what passes between: topics, flows, models, sinks, with the figures of the last minutes.");
        Question.AddTo(command);
        foreach (var option in (Option[])[Mermaid, Dot, SharedOptions.Node, SharedOptions.Json])
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (new[] { result.GetValue(Mermaid), result.GetValue(Dot), result.GetValue(SharedOptions.Json) }.Count(set => set) > 1)
            {
                result.AddError("--mermaid, --dot and --json exclude each other.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var map = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.GetMapAsync(Question.Of(parsed), cancellationToken));
        if (parsed.GetValue(Mermaid) || parsed.GetValue(Dot))
        {
            output.Verbatim(parsed.GetValue(Dot) ? MapGraphs.Dot(map) : MapGraphs.Mermaid(map));
            return ExitCode.Done;
        }

        output.Result(map, ApiJson.Default.MapView, text => Show(map, text));
        return ExitCode.Done;
    }

    private static void Show(MapView map, Output text)
    {
        text.Line(string.Create(CultureInfo.InvariantCulture, $"{Amount.Time(map.At)}, revision {map.Revision?.ToString(CultureInfo.InvariantCulture) ?? "in force now"}, {(map.WindowSeconds > 0 ? $"figures of {map.WindowSeconds:0} s" : "nothing was kept of that time")}"));
        if (map.Against is { } against)
        {
            ShowDifferences(map, against, text);
            return;
        }

        text.Table(
            ["from", "", "to", "#per second", "#failed", "#p50", "#p95", "#p99", "#wait p50", "#wait p99", "#lag", "#oldest"],
            [.. map.Edges.Select(Row)],
            "Nothing runs on this node: no flow and no topic.");
        foreach (var node in map.Nodes.Where(n => n.Trouble is not null))
        {
            text.Line($"{node.State}: {node.Id}: {node.Trouble}");
        }
    }

    /// <summary>What is different from the other time, node by node and hop by hop.</summary>
    private static void ShowDifferences(MapView map, DateTimeOffset against, Output text)
    {
        text.Line($"against {Amount.Time(against)}{(map.AgainstWindowSeconds > 0 ? "" : ": nothing was kept of that time")}");
        var differences = map.Nodes.Select(n => (n.Id, n.Difference, n.Figures)).Concat(map.Edges.Select(e => (e.Id, e.Difference, e.Figures))).Where(d => d.Difference is { Kind: not "same" });
        text.Table(
            ["what", "different", "#per second", "#was", "#failed", "#was", "#p99", "#was"],
            [.. differences.Select(d => (IReadOnlyList<string>)
            [
                d.Id, d.Difference!.Words.Count == 0 ? d.Difference.Kind : string.Join(", ", d.Difference.Words), Amount.Rate(d.Figures.PerSecond), Amount.Rate(d.Difference.Was?.PerSecond),
                Share(d.Figures.ErrorShare), Share(d.Difference.Was?.ErrorShare), Time(d.Figures.P99Ms), Time(d.Difference.Was?.P99Ms),
            ])],
            "Nothing is clearly different.");
        foreach (var node in map.Nodes.Where(n => n.Changed is { Count: > 0 }))
        {
            text.Line($"changed in the project: {node.Id}: {string.Join("; ", node.Changed!)}");
        }

        foreach (var change in map.Changes ?? [])
        {
            text.Line($"{Amount.Time(change.At)} {change.Who}: {change.What} {change.Target} {change.From} -> {change.To}");
        }
    }

    private static IReadOnlyList<string> Row(MapEdge edge) =>
    [
        edge.From, $"-{edge.Kind}->", edge.To, Amount.Rate(edge.Figures.PerSecond), Share(edge.Figures.ErrorShare), Time(edge.Figures.P50Ms), Time(edge.Figures.P95Ms),
        Time(edge.Figures.P99Ms), Time(edge.Figures.WaitP50Ms), Time(edge.Figures.WaitP99Ms), edge.Figures.LagMessages is { } lag ? Amount.Count(lag) : "-",
        Time(edge.Figures.LagSeconds * 1000),
    ];

    private static string Share(double? share) => share is { } part ? (part * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %" : "-";

    private static string Time(double? ms) => MapGraphs.Time(ms) ?? "-";
}
