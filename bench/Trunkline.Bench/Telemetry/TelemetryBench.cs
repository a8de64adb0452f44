using System.Globalization;
using Trunkline.Bench.Flows;
using Trunkline.Bench.Logs;
using Trunkline.Bench.Results;

namespace Trunkline.Bench.Telemetry;

/// <summary><c>bench telemetry</c>: what it costs a node to see itself, and to be looked at.</summary>
internal sealed class TelemetryBench(BenchOptions options)
{
    private const int Messages = 200_000;

    private readonly List<Row> _rows = [];
    private readonly List<Goal> _goals = [];
    private readonly List<string> _notes = [];

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        var bench = new TelemetryBench(options);
        if (options.Wants("flow"))
        {
            await bench.FlowsAsync();
        }

        if (options.Wants("spans"))
        {
            bench.Spans();
        }

        if (options.Wants("pages"))
        {
            await bench.PagesAsync();
        }

        if (options.Wants("viewers") && !options.IsSmoke)
        {
            await bench.ViewersAsync();
        }

        return new Report("telemetry", machine, TimeProvider.System.GetUtcNow(), bench._rows, bench._goals, bench._notes);
    }

    private async Task FlowsAsync()
    {
        var messages = options.Count(Messages);

        // Compiled and tiered up before anything counts, on both sides alike.
        await FlowAsync(yaml: false, isOn: true, messages);
        await FlowAsync(yaml: true, isOn: true, messages);
        var (off, on, yamlOff, yamlOn) = (new List<Outcome>(), new List<Outcome>(), new List<Outcome>(), new List<Outcome>());
        for (var round = 0; round < options.Rounds; round++)
        {
            off.Add(await FlowAsync(yaml: false, isOn: false, messages));
            on.Add(await FlowAsync(yaml: false, isOn: true, messages));
            yamlOff.Add(await FlowAsync(yaml: true, isOn: false, messages));
            yamlOn.Add(await FlowAsync(yaml: true, isOn: true, messages));
        }

        _rows.AddRange([Row("C# flow", "all off", off), Row("C# flow", "all on", on), Row("YAML flow", "all off", yamlOff), Row("YAML flow", "all on", yamlOn)]);
        _goals.Add(new Goal("C# flow, all on / all off", Middle(on, o => o.PerSecond) / Middle(off, o => o.PerSecond), 0.9));
        _goals.Add(new Goal("YAML flow, all on / all off", Middle(yamlOn, o => o.PerSecond) / Middle(yamlOff, o => o.PerSecond), 0.9));
        _notes.Add("all on: spans of every message, of which one of a hundred goes to a collector that takes everything; traces kept by a share that follows the load; figures of hops. The flow is that of bench flow, preloaded.");
    }

    private void Spans()
    {
        var (bare, kept) = (new List<double>(), new List<(double Making, double Writing)>());
        for (var round = 0; round <= options.Rounds; round++)
        {
            bare.Add(SpanCost.Bare());
            kept.Add(SpanCost.Kept());
        }

        var (one, making, writing) = (Middle(bare, b => b), Middle(kept, k => k.Making), Middle(kept, k => k.Writing));
        _goals.Add(new Goal($"a kept trace of {SpanCost.Spans} spans / one bare activity", making / one, 15, AtLeast: false));
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"one bare activity {one:0} ns; a kept trace of {SpanCost.Spans} spans {making:N0} ns until it waits to be kept, and {writing:N0} ns more beside the flow, to be written."));
    }

    private async Task PagesAsync()
    {
        var (empty, full) = (new List<(double Shared, double Alone)>(), new List<(double Shared, double Alone)>());
        for (var round = 0; round < options.Rounds; round++)
        {
            empty.Add(await BenchFolder.UseAsync(options, folder => MapPages.LooksAsync(folder, 0, options.Seconds)));
            full.Add(await BenchFolder.UseAsync(options, folder => MapPages.LooksAsync(folder, MapPages.Nodes, options.Seconds)));
        }

        var (emptyAlone, fullAlone) = (Middle(empty, e => e.Alone), Middle(full, f => f.Alone));
        var (emptyShared, fullShared) = (Middle(empty, e => e.Shared), Middle(full, f => f.Shared));
        _goals.Add(new Goal($"processor time of the map page with {MapPages.Nodes} nodes / of an empty one, each read and drawn for itself", fullAlone / emptyAlone, 5, AtLeast: false));
        _goals.Add(new Goal("the same for looks within half a second, which share a reading", fullShared / emptyShared, 5, AtLeast: false));
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"the page of the map: {emptyAlone:0.0} ms of processor time empty, {fullAlone:0.0} ms with {MapPages.Nodes} nodes; where a reading is shared {emptyShared:0.0} ms and {fullShared:0.0} ms."));
    }

    private async Task ViewersAsync()
    {
        var viewing = await BenchFolder.UseAsync(options, MapPages.ViewAsync);
        _goals.Add(new Goal($"share of a core for {MapPages.Viewers} viewers of a map of {MapPages.Nodes} nodes: their open streams at 2 Hz, and the pages their scripts ask for", viewing.Pages, 0.3, AtLeast: false));
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"the viewers' streams alone: {viewing.Streams:0.000} of a core, over the node without viewers; ten messages a second are published, and a viewer was sent {viewing.EventsPerSecond:0.0} events a second of {viewing.EventBytes:N0} bytes. Each viewer's script also asks for the page every 5 s."));
    }

    private Task<Outcome> FlowAsync(bool yaml, bool isOn, int count) => BenchFolder.UseAsync(
        options, folder => isOn ? TrunklineFlow.PreloadedAsync(folder, yaml, count, broker => new SightOn(broker)) : TrunklineFlow.PreloadedAsync(folder, yaml, count));

    private static Row Row(string what, string who, List<Outcome> outcomes) => new(
        what, who, "sync, atomic units", Middle(outcomes, o => o.PerSecond), outcomes.Min(o => o.PerSecond), outcomes.Max(o => o.PerSecond), null, null, outcomes.Min(o => o.Cpu));

    private static double Middle<T>(List<T> of, Func<T, double> value) => of.Select(value).Order().ElementAt(of.Count / 2);
}
