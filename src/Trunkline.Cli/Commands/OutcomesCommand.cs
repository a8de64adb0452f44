using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline outcomes [FLOW] [--since 24h] [--state STATE [--cause CODE] [--sink NAME]] [--fact KIND] [--before PLACE]</c></summary>
internal static class OutcomesCommand
{
    private static readonly Argument<string?> Flow = new("flow") { Description = "Only this flow's.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Since = new("--since") { Description = "How far back: 1m to 7d.", HelpName = "duration", DefaultValueFactory = _ => "24h" };
    private static readonly Option<string?> State = SharedOptions.Text("--state", "The flow's newest messages with this outcome instead: delivered, filtered, dead-lettered, parked, shed or expired.", "state");
    private static readonly Option<string?> Cause = SharedOptions.Text("--cause", "Only those of this cause, such as step.expression-failed.", "code");
    private static readonly Option<string?> Sink = SharedOptions.Text("--sink", "Only those this sink gave up, after the flow had delivered them to it.", "name");
    private static readonly Option<string?> Fact = SharedOptions.Text("--fact", "The newest of what was told later instead: delivered, bounced, read, rated, converted or label.", "kind");
    private static readonly Option<long?> Before = new("--before") { Description = "Look further back from a place an answer named.", HelpName = "place" };

    public static Command Create()
    {
        var command = new Command("outcomes", "Show what became of messages: by flow, outcome and cause, and what was told of them later.")
        {
            Flow, Since, State, Cause, Sink, Fact, Before, SharedOptions.Node, SharedOptions.Json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(State) is not null && (result.GetValue(Flow) is null || result.GetValue(Fact) is not null))
            {
                result.AddError("--state needs a flow, and goes without --fact.");
            }

            if (result.GetValue(State) is null && (result.GetValue(Cause) ?? result.GetValue(Sink)) is not null)
            {
                result.AddError("--cause and --sink go with --state.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var (flow, since) = (parsed.GetValue(Flow), parsed.GetValue(Since)!);
        var waiting = $"waiting for {client.Address}";
        if (parsed.GetValue(State) is { } state)
        {
            var question = new OutcomeQuestion(state) { Cause = parsed.GetValue(Cause), Sink = parsed.GetValue(Sink), Since = since, Before = parsed.GetValue(Before) };
            var list = await Patience.WaitAsync(output, waiting, client.Outcomes.ListAsync(flow!, question, cancellationToken));
            output.Result(list, ApiJson.Default.OutcomeList, text => Show(list, text));
        }
        else if (parsed.GetValue(Fact) is { } fact)
        {
            var list = await Patience.WaitAsync(output, waiting, client.Outcomes.ListFactsAsync(fact, since, parsed.GetValue(Before), cancellationToken));
            output.Result(list, ApiJson.Default.FactList, text => Show(list, text));
        }
        else
        {
            var counts = await Patience.WaitAsync(output, waiting, client.Outcomes.CountAsync(flow, since, cancellationToken));
            output.Result(counts, ApiJson.Default.OutcomeCounts, text => Show(counts, text));
        }

        return ExitCode.Done;
    }

    private static void Show(OutcomeCounts counts, Output text)
    {
        text.Line($"{Amount.Time(counts.Since)} to {Amount.Time(counts.Until)}");
        text.Table(
            ["flow", "outcome", "cause", "sink", "#messages", "#share"],
            [.. counts.Flows.SelectMany(flow => flow.Outcomes.Select(one => (IReadOnlyList<string>)[flow.Flow, one.State, one.Cause ?? "-", one.Sink ?? "-", Amount.Count(one.Messages), Share(one.Share)]))],
            "No outcomes in this time: no flow has finished a message.");
        if (counts.Facts.Count > 0)
        {
            text.Line("");
            text.Table(
                ["told later", "#facts", "#share", "#mean"],
                [.. counts.Facts.Select(fact => (IReadOnlyList<string>)[fact.Fact, Amount.Count(fact.Facts), Share(fact.Share), fact.Mean?.ToString("0.##", CultureInfo.InvariantCulture) ?? "-"])],
                "");
        }
    }

    private static void Show(OutcomeList list, Output text)
    {
        text.Table(
            ["id", "key", "outcome", "cause", "#tries", "at", "told later"],
            [.. list.Outcomes.Select(one => (IReadOnlyList<string>)
            [
                one.Id, one.Key ?? "-", one.State, one.Cause ?? "-", Amount.Count(one.Attempts), Amount.Time(one.At), one.Facts.Count == 0 ? "-" : string.Join(", ", one.Facts.Select(fact => fact.Fact)),
            ])],
            "No message of this outcome in this time, as far as was looked through.");
        Further(list.Before, text);
    }

    private static void Show(FactList list, Output text)
    {
        text.Table(
            ["at", "told", "of", "value", "label"],
            [.. list.Facts.Select(fact => (IReadOnlyList<string>)
            [
                fact.At is { } at ? Amount.Time(at) : "-", fact.Fact, fact.Id ?? (fact.Receipt is { } receipt ? $"receipt {receipt}" : $"key {fact.Key}"),
                fact.Value?.ToString("0.##", CultureInfo.InvariantCulture) ?? "-", fact.Label ?? "-",
            ])],
            "Nothing of this kind was told in this time, as far as was looked through.");
        Further(list.Before, text);
    }

    private static void Further(long? before, Output text)
    {
        if (before is { } place)
        {
            text.Line(string.Create(CultureInfo.InvariantCulture, $"further back: --before {place}"));
        }
    }

    // Rounded down: what is not whole must not look whole.
    private static string Share(double share) => (Math.Floor(share * 10_000) / 100).ToString("0.00", CultureInfo.InvariantCulture) + " %";
}
