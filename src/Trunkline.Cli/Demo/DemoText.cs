using System.Globalization;
using Spectre.Console;
using Trunkline.Cli.Demo.Planted;
using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Demo;

/// <summary>The demo's result for people: the first thing many see of Trunkline.</summary>
internal static class DemoText
{
    private const int FaultsShown = 10;

    /// <summary>What is lost or doubled, on stderr.</summary>
    public static void WriteFaults(Output output, DemoResult result)
    {
        foreach (var fault in result.Ledger.Faults.Take(FaultsShown))
        {
            output.Note($"does not add up: {fault}");
        }

        var more = result.Ledger.Faults.Count - FaultsShown;
        if (more > 0)
        {
            output.Note($"does not add up: {more} more");
        }

        if (result.Ledger.WebhooksDead + result.Refused > 0)
        {
            output.Note($"webhooks: {result.Ledger.WebhooksDead} given up, {result.Refused} refused for their signature");
        }

        DriftText.WriteFaults(output, result.Report.Drift);
    }

    /// <summary>All of it, on stdout.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="result">What was found.</param>
    /// <param name="kept">The node's address if it keeps running, and the folder if it stays.</param>
    public static void Write(Output output, DemoResult result, (Uri? Url, string? Folder) kept)
    {
        var report = result.Report;
        output.Write(new Markup(result.AddsUp
            ? $"\n[bold green]{Amount.Count(report.In)} mails, each in exactly one place.[/]{Survived(result)}\n\n"
            : "\n[bold red]The mails do not add up.[/] What is missing or doubled is named above.\n\n"));
        output.Write(Places(result));
        output.Write(Figures(result));
        WriteCandidate(output, result);
        DriftText.Write(output, report.Drift);
        output.Write(Next(kept));
    }

    private static string Survived(DemoResult result) => result.Deaths switch
    {
        0 => "",
        1 => " The node died once on the way and went on.",
        _ => $" The node died {result.Deaths} times on the way and went on.",
    };

    private static Table Places(DemoResult result)
    {
        var report = result.Report;
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned()).AddColumn("");
        foreach (var (sink, count) in report.Sinks)
        {
            var also = sink == "mail.urgent" ? $"webhook: {Amount.Count(report.Effects.Webhook.Distinct)} told, in {Amount.Count(report.Effects.Webhook.Attempts)} signed requests" : "";
            Row(table, sink, count, also);
        }

        Row(table, "filtered", report.Filtered, "");
        Row(table, "dead letters", report.DeadLetters, report.DeadLetters > 0 ? "kept with their cause: trunkline dead" : "");
        Row(table, "sum", report.Sinks.Values.Sum() + report.Filtered + report.DeadLetters, "counted by reading every topic back");
        return table;
    }

    private static void Row(Table table, string name, long count, string also) =>
        table.AddRow(new Markup($"  {name}"), new Markup($"[bold]{Amount.Count(count)}[/]"), new Markup($"  [dim]{also}[/]"));

    private static Grid Figures(DemoResult result)
    {
        var report = result.Report;
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().Padding(2, 0, 2, 0)).AddColumn();
        grid.AddEmptyRow();
        Line(grid, "mails", report.Corpus == DemoCorpus.SpamAssassin ? "the public SpamAssassin corpus, 2002 to 2005" : "written for this program and bundled with it, not the public corpus");
        Line(grid, "drafts", $"{Amount.Count(result.Drafts)}, {(result.Canned ? "canned: a server of this demo wrote them, no model. OPENAI_URL takes yours" : "by the model at OPENAI_URL")}");
        Line(grid, "speed", $"{Figure(report.Throughput)} mails a second; from arrival to topic {Duration(report.LatencyMs.P50)} for half, {Duration(report.LatencyMs.P99)} for 99 of 100");
        Line(grid, "", "durability sync: what was acknowledged survives kill -9. This machine's figures, no promise");
        Line(grid, "spam model", $"precision {Share(report.Spam.Precision)}, recall {Share(report.Spam.Recall)}, on {Amount.Count(result.HeldOut)} mails it was not trained on. A sample, not a product");
        return grid;
    }

    private static void Line(Grid grid, string name, string text) => grid.AddRow(new Markup($"[dim]{name}[/]"), new Text(text));

    private static void WriteCandidate(Output output, DemoResult result)
    {
        var comparison = result.Comparison;
        output.Write(new Markup(string.Create(CultureInfo.InvariantCulture,
            $"\n[bold]What if spam began at {DemoProject.CandidateThreshold} instead of {DemoProject.Threshold}?[/] {Amount.Count(comparison.Moved)} of {Amount.Count(comparison.Messages)} recorded mails would go elsewhere.\n")));
        output.Write(new Markup("[dim]  The changed flow ran over the recording. No model was called again, nothing was sent.[/]\n\n"));
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().Padding(2, 0, 2, 0).RightAligned()).AddColumn();
        foreach (var move in comparison.Moves)
        {
            grid.AddRow(new Markup($"[bold]{Amount.Count(move.Count)}[/]"), new Markup($"{Markup.Escape(SafeText.Line(move.From))} → {Markup.Escape(SafeText.Line(move.To))}"));
            foreach (var example in move.Examples)
            {
                grid.AddRow(Text.Empty, new Text($"{SafeText.Line(result.Ledger.FileAt(example.Partition, example.Offset))}  {SafeText.Line(example.Id)}", new Style(decoration: Decoration.Dim)));
            }
        }

        output.Write(grid);
    }

    private static Grid Next((Uri? Url, string? Folder) kept)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().Padding(2, 0, 2, 0)).AddColumn();
        grid.AddEmptyRow();
        grid.AddRow(new Markup("[bold]Try next[/]"), Text.Empty);
        if (kept.Url is { } url)
        {
            Try(grid, url.ToString(), "the node's page: topics, flows, dead letters");
            Try(grid, $"trunkline read mail.urgent --node {url}", "the urgent mails, with what the models said");
            Try(grid, $"trunkline why {PlantedChat.Flow} --node {url}", "a chat beside the mails; its model is slow on purpose, and named half a minute from now");
        }
        else
        {
            Try(grid, $"trunkline demo --keep --data {kept.Folder ?? "./demo"}", "the same with the node left running, to look around in its page");
            Try(grid, "kill -9 the node during a run", "its process number is printed above; the sum stays the same");
        }

        Try(grid, "trunkline init && trunkline run", "a small project of your own");
        return grid;
    }

    private static void Try(Grid grid, string what, string why) => grid.AddRow(new Text(what), new Text(why, new Style(decoration: Decoration.Dim)));

    private static string Figure(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(double share) => share.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Duration(double milliseconds) =>
        milliseconds < 1000 ? $"{Figure(milliseconds)} ms" : $"{(milliseconds / 1000).ToString("0.0", CultureInfo.InvariantCulture)} s";
}
