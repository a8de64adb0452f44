using System.Globalization;
using Trunkline.Bench.Flows;
using Trunkline.Bench.Logs;
using Trunkline.Bench.Results;

namespace Trunkline.Bench.Telemetry;

/// <summary><c>bench telemetry</c>: what it costs a node to see itself, and to be looked at.</summary>
internal static class TelemetryBench
{
    private const int Messages = 200_000;

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        var messages = options.Count(Messages);
        var (off, on, yamlOff, yamlOn) = (new List<Outcome>(), new List<Outcome>(), new List<Outcome>(), new List<Outcome>());
        var (bare, making, writing) = (new List<double>(), new List<double>(), new List<double>());
        var (empty, full, cores) = (new List<double>(), new List<double>(), new List<double>());

        // Compiled and tiered up before anything counts, on both sides alike.
        await FlowAsync(options, yaml: false, isOn: true, messages / 4);
        await FlowAsync(options, yaml: true, isOn: true, messages / 4);
        for (var round = 0; round < options.Rounds && options.Wants("flow"); round++)
        {
            off.Add(await FlowAsync(options, yaml: false, isOn: false, messages));
            on.Add(await FlowAsync(options, yaml: false, isOn: true, messages));
            yamlOff.Add(await FlowAsync(options, yaml: true, isOn: false, messages));
            yamlOn.Add(await FlowAsync(options, yaml: true, isOn: true, messages));
        }

        for (var round = 0; round <= options.Rounds && options.Wants("spans"); round++)
        {
            bare.Add(SpanCost.Bare());
            var (make, write) = SpanCost.Kept();
            making.Add(make);
            writing.Add(write);
        }

        for (var round = 0; round < options.Rounds && options.Wants("pages"); round++)
        {
            empty.Add((await BenchFolder.UseAsync(options, folder => MapPages.RunAsync(folder, 0, options.Seconds, viewers: false))).Milliseconds);
            var (milliseconds, core) = await BenchFolder.UseAsync(options, folder => MapPages.RunAsync(folder, MapPages.Nodes, options.Seconds, viewers: round == 0 && !options.IsSmoke));
            full.Add(milliseconds);
            cores.Add(core);
        }

        var rows = new List<Row>();
        var goals = new List<Goal>();
        var notes = new List<string>();
        if (off.Count > 0)
        {
            rows.AddRange([Row("C# flow", "all off", off), Row("C# flow", "all on", on), Row("YAML flow", "all off", yamlOff), Row("YAML flow", "all on", yamlOn)]);
            goals.Add(new Goal("C# flow, all on / all off", Middle(on.ConvertAll(o => o.PerSecond)) / Middle(off.ConvertAll(o => o.PerSecond)), 0.9));
            goals.Add(new Goal("YAML flow, all on / all off", Middle(yamlOn.ConvertAll(o => o.PerSecond)) / Middle(yamlOff.ConvertAll(o => o.PerSecond)), 0.9));
        }

        if (bare.Count > 0)
        {
            goals.Add(new Goal($"a kept trace of {SpanCost.Spans} spans / one bare activity", Middle(making) / Middle(bare), 15, AtLeast: false));
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"one bare activity {Middle(bare):0} ns; a kept trace of {SpanCost.Spans} spans {Middle(making):N0} ns until it waits to be kept, and {Middle(writing):N0} ns more beside the flow, to be written."));
        }

        if (full.Count > 0)
        {
            goals.Add(new Goal($"processor time of the map page with {MapPages.Nodes} nodes / of an empty one", Middle(full) / Middle(empty), 5, AtLeast: false));
            goals.Add(new Goal($"share of a core for {MapPages.Viewers} who look at the map of {MapPages.Nodes} nodes", cores.Max(), 0.3, AtLeast: false));
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"the page of the map: {Middle(empty):0.0} ms of processor time empty, {Middle(full):0.0} ms with {MapPages.Nodes} nodes; a viewer's page asks every 5 s."));
        }

        notes.Add("all on: spans of every message, of which one of a hundred goes to a collector that takes everything; traces kept by a share that follows the load; figures of hops. The flow is that of bench flow, preloaded.");
        return new Report("telemetry", machine, TimeProvider.System.GetUtcNow(), rows, goals, notes);
    }

    private static Task<Outcome> FlowAsync(BenchOptions options, bool yaml, bool isOn, int count) => BenchFolder.UseAsync(
        options, folder => isOn ? TrunklineFlow.PreloadedAsync(folder, yaml, count, broker => new SightOn(broker)) : TrunklineFlow.PreloadedAsync(folder, yaml, count));

    private static Row Row(string what, string who, List<Outcome> outcomes) => new(
        what, who, "sync, atomic units", Middle(outcomes.ConvertAll(o => o.PerSecond)), outcomes.Min(o => o.PerSecond), outcomes.Max(o => o.PerSecond), null, null, outcomes.Min(o => o.Cpu));

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
