using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Reports;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline map [--mermaid | --dot]</c></summary>
internal static class MapCommand
{
    private static readonly Option<bool> Mermaid = new("--mermaid") { Description = "As a Mermaid flowchart, for a page in Markdown." };
    private static readonly Option<bool> Dot = new("--dot") { Description = "As a graph for Graphviz' dot." };

    public static Command Create()
    {
        var command = new Command("map", "Show what runs and what passes between: topics, flows, models, sinks, with the figures of the last minutes.")
        {
            Mermaid, Dot, SharedOptions.Node, SharedOptions.Json,
        };
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
        var map = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.GetMapAsync(cancellationToken));
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
        text.Line(string.Create(CultureInfo.InvariantCulture, $"{Amount.Time(map.At)}, figures of the last {map.WindowSeconds:0} s"));
        text.Table(
            ["from", "", "to", "#per second", "#failed", "#p50", "#p95", "#p99", "#wait p50", "#wait p99", "#lag", "#oldest"],
            [.. map.Edges.Select(Row)],
            "Nothing runs on this node: no flow and no topic.");
        foreach (var node in map.Nodes.Where(n => n.Trouble is not null))
        {
            text.Line($"{node.State}: {node.Id}: {node.Trouble}");
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
