using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Reports;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline trace [ID]</c></summary>
internal static class TraceCommand
{
    private static readonly Argument<string?> Id = new("id") { Description = "A trace's id: shows its spans. Without one: the traces that are kept.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Flow = new("--flow") { Description = "Only traces that passed this flow." };
    private static readonly Option<string?> Message = new("--message") { Description = "Only traces of the message with this id." };
    private static readonly Option<string?> Service = new("--service") { Description = "Only traces that passed this service." };
    private static readonly Option<bool> Failed = new("--failed") { Description = "Only traces in which something failed." };
    private static readonly Option<int> Limit = new("--limit") { Description = "Most traces, 1 to 1000.", DefaultValueFactory = _ => 50 };

    public static Command Create()
    {
        var command = new Command("trace", "List the traces a node keeps, or show the spans of one with those of the traces it is linked to.")
        {
            Id, Flow, Message, Service, Failed, Limit, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(Id) is { Length: > 0 } id ? ShowAsync(parsed, id, cancellationToken) : ListAsync(parsed, cancellationToken));
        return command;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var query = new TraceQuery
        {
            Flow = parsed.GetValue(Flow),
            Message = parsed.GetValue(Message),
            Service = parsed.GetValue(Service),
            Failed = parsed.GetValue(Failed),
            Limit = parsed.GetValue(Limit),
        };
        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Traces.ListAsync(query, cancellationToken));
        output.Result(list, ApiJson.Default.TraceList, text => text.Table(
            ["trace", "began", "with", "#took", "#spans", "flows", "services", ""],
            [.. list.Traces.Select(t => (IReadOnlyList<string>)
            [
                t.Trace, Amount.Time(t.StartedAt), SafeText.Line(t.Name, 40), MapGraphs.Time(t.DurationMs) ?? "-", t.Spans.ToString(CultureInfo.InvariantCulture),
                SafeText.Line(string.Join(", ", t.Flows), 40), SafeText.Line(string.Join(", ", t.Services), 40), t.Failed ? "failed" : "",
            ])],
            "No such trace is kept."));
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, string id, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var trace = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Traces.GetAsync(id, cancellationToken));
        var first = trace.Spans.Min(s => s.StartedAt);
        output.Result(trace, ApiJson.Default.TraceView, text => text.Table(
            ["#after", "#took", "span", "kind", "service", "below", ""],
            [.. trace.Spans.Select(s => (IReadOnlyList<string>)
            [
                MapGraphs.Time((s.StartedAt - first).TotalMilliseconds) ?? "-", MapGraphs.Time(s.DurationMs) ?? "-", SafeText.Line(s.Name, 60), s.Kind, SafeText.Line(s.Service, 40),
                SafeText.Line(trace.Spans.FirstOrDefault(p => p.Id == s.Parent && p.Trace == s.Trace)?.Name ?? "", 40), s.Failed ? "failed" : "",
            ])],
            "No span is kept."));
        return ExitCode.Done;
    }
}
