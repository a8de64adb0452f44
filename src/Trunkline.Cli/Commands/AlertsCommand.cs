using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline alerts [list|ack|silence|unsilence|owners]</c></summary>
internal static class AlertsCommand
{
    public static Command Create()
    {
        var command = SetUpList(new Command("alerts", "What is wrong now, and was: since when, at which hop, whose it is, what changed before. Exit code 1 if an alert is on that nobody has taken on or silenced."));
        command.Add(SetUpList(new Command("list", "List alerts. Exit code 1 if one is on that nobody has taken on or silenced.")));
        command.Add(CreateAcknowledge());
        command.Add(CreateSilence());
        command.Add(CreateUnsilence());
        command.Add(CreateOwners());
        return command;
    }

    private static Command SetUpList(Command command)
    {
        var limit = LimitOption.Create(50);
        var all = new Option<bool>("--all") { Description = "Also those that are over." };
        command.Add(all);
        command.Add(limit);
        command.Add(SharedOptions.Node);
        command.Add(SharedOptions.Json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Alerts.ListAsync(parsed.GetValue(limit), cancellationToken));
            list = parsed.GetValue(all) ? list : list with { Alerts = [.. list.Alerts.Where(a => a.ResolvedAt is null)] };
            output.Result(list, ApiJson.Default.AlertList, text => Show(text, list));
            return list.Alerts.Any(a => a.State == "firing") ? ExitCode.Found : ExitCode.Done;
        });
        return command;
    }

    private static void Show(Output text, AlertList list)
    {
        text.Table(
            ["state", "severity", "what", "hop", "owner", "since", "change before", "id"],
            [.. list.Alerts.Select(a => (IReadOnlyList<string>)
            [
                a.State, a.Severity, SafeText.Line(a.Summary, 120), $"{a.Subject}, {a.Hop}", a.Owner ?? "", Amount.Time(a.Since),
                a.Change is { } change ? SafeText.Line($"{change.What} {change.Target}", 60) : "", a.Id,
            ])],
            "Nothing is wrong.");
        foreach (var silence in list.Silences)
        {
            text.Line($"silenced until {Amount.Time(silence.Until)} by {silence.By}: {Of(silence)} ({SafeText.Line(silence.Comment, 100)}), {silence.Id}");
        }
    }

    private static string Of(SilenceView silence) => string.Join(", ", new[] { silence.Rule, silence.Subject, silence.Owner is null ? null : "owner " + silence.Owner }.OfType<string>());

    private static Command CreateAcknowledge()
    {
        var id = new Argument<string>("id") { Description = "The alert's id, as the list shows it." };
        var command = new Command("ack", "Take an alert on: it is not told again until it is over.") { id, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var alert = await client.Alerts.AcknowledgeAsync(parsed.GetRequiredValue(id), cancellationToken);
            output.Result(alert, ApiJson.Default.AlertView, text => text.Line($"Taken on by {alert.AcknowledgedBy}: {SafeText.Line(alert.Summary, 200)}"));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateSilence()
    {
        var rule = new Option<string?>("--rule") { Description = "Only alerts of this rule: slo, lag, dead-letters, parked-keys, breaker, stopped or budget." };
        var subject = new Option<string?>("--subject") { Description = "Only alerts of this flow or model." };
        var owner = new Option<string?>("--owner") { Description = "Only alerts of this owner." };
        var time = new Option<string>("--for") { Description = "How long: 1m to 30d.", HelpName = "duration", DefaultValueFactory = _ => "2h" };
        var why = new Option<string>("--why") { Description = "Why.", Required = true };
        var command = new Command("silence", "Tell nobody of alerts that fit, for a while.") { rule, subject, owner, time, why, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var silence = await client.Alerts.SilenceAsync(
                new SilenceRequest(parsed.GetValue(time), parsed.GetValue(why), parsed.GetValue(rule), parsed.GetValue(subject), parsed.GetValue(owner)), cancellationToken);
            output.Result(silence, ApiJson.Default.SilenceView, text => text.Line($"Silenced until {Amount.Time(silence.Until)}. To end it before: trunkline alerts unsilence {silence.Id}"));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateUnsilence()
    {
        var id = new Argument<string>("id") { Description = "The silence's id, as the list shows it." };
        var command = new Command("unsilence", "End a silence.") { id, SharedOptions.Node };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Client(parsed);
            await client.Alerts.UnsilenceAsync(parsed.GetRequiredValue(id), cancellationToken);
            SharedOptions.Output(parsed).Line("Ended.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateOwners()
    {
        var command = new Command("owners", "Show how incidents of each owner went: time to notice, to take on, to restore.") { SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Alerts.ListAsync(1, cancellationToken));
            output.Result(list, ApiJson.Default.AlertList, text => text.Table(
                ["owner", "#incidents", "#noticed after", "#taken on after", "#over after"],
                [.. list.Owners.Select(o => (IReadOnlyList<string>)[o.Owner.Length == 0 ? "(none)" : o.Owner, Amount.Count(o.Incidents), Seconds(o.DetectSeconds), Seconds(o.AcknowledgeSeconds), Seconds(o.RestoreSeconds)])],
                "There was no incident yet."));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Seconds(double? seconds) => seconds switch
    {
        null => "-",
        < 120 => seconds.Value.ToString("0", CultureInfo.InvariantCulture) + " s",
        < 7200 => (seconds.Value / 60).ToString("0", CultureInfo.InvariantCulture) + " min",
        _ => (seconds.Value / 3600).ToString("0.#", CultureInfo.InvariantCulture) + " h",
    };
}
