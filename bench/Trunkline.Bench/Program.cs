using System.Globalization;
using Trunkline.Bench;
using Trunkline.Bench.Contracts;
using Trunkline.Bench.Flows;
using Trunkline.Bench.Idle;
using Trunkline.Bench.Logs;
using Trunkline.Bench.Mail;
using Trunkline.Bench.Models;
using Trunkline.Bench.Recovery;
using Trunkline.Bench.Results;
using Trunkline.Bench.Telemetry;

// Each bench: name, what it runs. `all` runs every one. Results go to bench/results/ as JSON and Markdown.
var benches = new Dictionary<string, Func<BenchOptions, Task<Report>>>(StringComparer.Ordinal)
{
    ["log"] = LogBench.RunAsync,
    ["flow"] = FlowBench.RunAsync,
    ["latency"] = LatencyBench.RunAsync,
    ["order"] = OrderBench.RunAsync,
    ["redrive"] = RedriveBench.RunAsync,
    ["idle"] = IdleBench.RunAsync,
    ["recovery"] = RecoveryBench.RunAsync,
    ["models"] = ModelBench.RunAsync,
    ["mail"] = MailBench.RunAsync,
    ["contracts"] = ContractBench.RunAsync,
    ["telemetry"] = TelemetryBench.RunAsync,
};
if (args is [BareWebApp.Argument, .. var size])
{
    return await BareWebApp.RunAsync(size is [var bytes] ? int.Parse(bytes, CultureInfo.InvariantCulture) : 2);
}

if (args is [FilledStore.Argument, var filled, var count])
{
    return await FilledStore.RunAsync(filled, long.Parse(count, CultureInfo.InvariantCulture));
}

var options = BenchOptions.Parse(args);
var chosen = options?.Name == "all" ? [.. benches.Keys] : benches.Keys.Where(n => n == options?.Name).ToArray();
if (options is null || chosen.Length == 0)
{
    await Console.Error.WriteLineAsync($"usage: bench {string.Join('|', benches.Keys)}|all [--seconds N] [--rounds N] [--soak-minutes N] [--part append|replay|soak|trunkline|wolverine|rebus|masstransit] [--smoke] [--data DIR] [--results DIR] [--json]");
    return 2;
}

foreach (var name in chosen)
{
    var report = await benches[name](options);
    await ReportWriter.WriteAsync(report, options);
}

return 0;
