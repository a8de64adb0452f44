using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline journey (ID | --key KEY | --receipt RECEIPT)</c></summary>
internal static class JourneyCommand
{
    private static readonly Argument<string?> Id = new("id") { Description = "An id the message has anywhere on its way.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Key = new("--key") { Description = "The newest messages of a key instead.", HelpName = "key" };
    private static readonly Option<string?> Receipt = new("--receipt") { Description = "The message a sink gave this receipt instead, such as the webhook-id of a webhook.", HelpName = "receipt" };

    public static Command Create()
    {
        var command = new Command("journey", "Follow a message over all flows: from where it came in to what was made of it.")
        {
            Id, Key, Receipt, SharedOptions.Node, SharedOptions.Json,
        };
        command.Validators.Add(result =>
        {
            if (new[] { result.GetValue(Id), result.GetValue(Key), result.GetValue(Receipt) }.Count(text => text is not null) != 1)
            {
                result.AddError("Name one message: trunkline journey ID, or --key KEY, or --receipt RECEIPT.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var (by, value) = parsed.GetValue(Id) is { } id ? ("id", id) : parsed.GetValue(Key) is { } key ? ("key", key) : ("receipt", parsed.GetValue(Receipt)!);
        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.GetJourneysAsync(by, value, cancellationToken));
        output.Result(list, ApiJson.Default.JourneyList, text =>
        {
            foreach (var journey in list.Journeys)
            {
                Show(journey, text);
            }
        });
        return ExitCode.Done;
    }

    private static void Show(JourneyView journey, Output text)
    {
        var first = journey.Hops[0].Outcome;
        string?[] facts =
        [
            first.Id, first.Key is { } key ? $"key {key}" : null, first.Tenant is { } tenant ? $"tenant {tenant}" : null,
            $"in at {Amount.Time(journey.Start)}", $"{Took(journey.End - journey.Start)} in all", journey.Whole ? null : "more followed than is shown",
        ];
        text.Line(string.Join(", ", facts.OfType<string>()));
        text.Table(["flow", "#after", "#took", "state", "#tries", "models", "sinks", "stood at"], [.. journey.Hops.Select(hop => Row(hop, journey.Start))], "");
        text.Line("");
    }

    private static IReadOnlyList<string> Row(JourneyHopView hop, DateTimeOffset start)
    {
        var outcome = hop.Outcome;
        return
        [
            new string(' ', 2 * hop.Depth) + outcome.Flow,
            Took(outcome.AppendedAt - start),
            Took(outcome.At - outcome.AppendedAt),
            outcome.Cause is { } cause ? $"{outcome.State} ({cause})" : outcome.Degraded ? $"{outcome.State}, degraded" : outcome.State,
            Amount.Count(outcome.Attempts),
            outcome.Models.Count > 0 ? string.Join(", ", outcome.Models) : "-",
            outcome.Sinks.Count > 0 ? string.Join(", ", outcome.Sinks.Select(Sink)) : "-",
            string.Create(CultureInfo.InvariantCulture, $"{hop.Topic ?? "?"}/{outcome.Partition}/{outcome.Offset}"),
        ];
    }

    private static string Sink(OutcomeSinkView sink) =>
        sink.Cause is { } cause ? $"{sink.Sink} {sink.State} ({cause})" : sink.State == "delivered" ? sink.Sink : $"{sink.Sink} {sink.State}";

    private static string Took(TimeSpan span) => span.TotalSeconds < 10
        ? span.TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture) + " ms"
        : span.TotalSeconds.ToString("N0", CultureInfo.InvariantCulture) + " s";
}
