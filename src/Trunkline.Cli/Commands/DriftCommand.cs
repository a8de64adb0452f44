using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline drift</c></summary>
internal static class DriftCommand
{
    public static Command Create()
    {
        var topic = new Argument<string>("topic") { Description = "The topic." };
        var learn = new Option<bool>("--learn") { Description = "Take what comes from now on for what is usual, and close the alarms." };
        var all = new Option<bool>("--all") { Description = "Also alarms that were closed." };
        var command = new Command("drift", "Tell how what producers write to a topic has changed; exit code 1 if an alarm stands.")
        {
            topic, all, learn, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(learn)
            ? LearnAsync(parsed, parsed.GetValue(topic)!, cancellationToken)
            : ShowAsync(parsed, parsed.GetValue(topic)!, parsed.GetValue(all), cancellationToken));
        return command;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, string topic, bool all, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var view = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Contracts.DriftAsync(topic, cancellationToken));
        output.Result(view, ApiJson.Default.TopicDriftView, text => Write(text, view, all));
        return view.Alarms.Any(alarm => alarm.ClosedAt is null) ? ExitCode.Found : ExitCode.Done;
    }

    private static async Task<int> LearnAsync(ParseResult parsed, string topic, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var done = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Contracts.LearnAnewAsync(topic, cancellationToken));
        output.Result(done, ApiJson.Default.LearnedAnew, text => text.Line($"learning anew; closed {done.Closed.ToString(CultureInfo.InvariantCulture)} alarms"));
        return ExitCode.Done;
    }

    private static void Write(Output text, TopicDriftView view, bool all)
    {
        text.Table(
            ["producer", "#messages", "#fields", "usual", "versions", "declared, never seen"],
            [.. view.Producers.Select(one => (IReadOnlyList<string>)[
                one.Producer, Number(one.Messages), Number(one.Fields), one.Learned ? "known" : "learning", Versions(one), one.NeverSeen is null ? "-" : string.Join(", ", one.NeverSeen)])],
            "Nothing came since the node started.");
        text.Line("");
        text.Table(
            ["field", "producer", "change", "was", "now", "example", "owner", "since"],
            [.. view.Alarms.Where(alarm => all || alarm.ClosedAt is null).Select(alarm => (IReadOnlyList<string>)[
                alarm.Field, alarm.Producer, alarm.Kind + (alarm.ClosedAt is null ? "" : " (closed)"), alarm.Was, alarm.Now, alarm.Example, alarm.Owner ?? "-", alarm.At.ToString("u", CultureInfo.InvariantCulture)])],
            "No alarm stands.");
    }

    private static string Versions(ProducerView producer) =>
        string.Join(", ", producer.Versions.Select(one => string.Create(CultureInfo.InvariantCulture, $"{(one.Version.Length == 0 ? "none named" : one.Version)} {one.Share:0.#%}")));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
