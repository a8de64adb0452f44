using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline fidelity [FLOW] [--since 24h]</c></summary>
internal static class FidelityCommand
{
    private static readonly Argument<string?> Flow = new("flow") { Description = "Only this flow's, with its tenants.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<string> Since = new("--since")
    {
        Description = "How far back to count: 1m to 7d.",
        HelpName = "duration",
        DefaultValueFactory = _ => "24h",
    };

    public static Command Create()
    {
        var command = new Command("fidelity", "Show the share of messages delivered once, in order, in time, by the intended model.")
        {
            Flow, Since, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var flow = parsed.GetValue(Flow);
        var list = await Patience.WaitAsync(
            output, $"waiting for {client.Address}", client.GetFidelityAsync(flow, parsed.GetValue(Since)!, cancellationToken));
        output.Result(list, ApiJson.Default.FidelityList, text =>
        {
            text.Line($"{Amount.Time(list.Since)} to {Amount.Time(list.Until)}");
            text.Table(
                ["flow", "tenant", "#fidelity", "#delivered", "#once", "#in order", "#in time", "#intended", "#messages", "slo"],
                [.. list.Flows.SelectMany(one => Rows(one, flow is not null))],
                "No outcomes in this time: no flow has finished a message.");
        });
        return ExitCode.Done;
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(FlowFidelity flow, bool tenants)
    {
        yield return Row(flow.Flow, "", flow.All, flow.Within is { } within ? Amount.Duration(TimeSpan.FromMilliseconds(within)) : "");
        foreach (var tenant in tenants ? flow.Tenants : [])
        {
            yield return Row("", tenant.Tenant.Length == 0 ? "(none)" : tenant.Tenant, tenant.Figures, "");
        }
    }

    private static IReadOnlyList<string> Row(string flow, string tenant, FidelityFigures figures, string slo) =>
    [
        flow, tenant, Share(figures.Fidelity), Share(figures.Delivered), Share(figures.Once), Share(figures.InOrder), Share(figures.InTime),
        Share(figures.Intended), Amount.Count(figures.Due), slo,
    ];

    // Rounded down: what is not whole must not look whole.
    private static string Share(double? share) =>
        share is { } part ? (Math.Floor(part * 10_000) / 100).ToString("0.00", CultureInfo.InvariantCulture) + " %" : "-";
}
