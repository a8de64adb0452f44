using System.Diagnostics;
using System.Text;
using Trunkline.Bench.Idle;

namespace Trunkline.Bench.Telemetry;

/// <summary>What the page of the map costs a node: one look at a time, and fifty who look on.</summary>
internal static class MapPages
{
    /// <summary>Nodes of the map: topics, and flows between them.</summary>
    public const int Nodes = 100;

    /// <summary>Viewers at once.</summary>
    public const int Viewers = 50;

    // As the page's own script asks.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Milliseconds of processor time a look at the map takes the server, and the share of a core the viewers take.</summary>
    public static async Task<(double Milliseconds, double Core)> RunAsync(string folder, int nodes, double seconds, bool viewers)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "trunkline.yaml"), Project(nodes));
        await using var node = await MeasuredProcess.StartAsync(IdleBench.NodeProgram, folder, IdleBench.NodeArguments);
        using var http = new HttpClient { BaseAddress = node.Url };
        await LookAsync(http, TimeSpan.FromSeconds(seconds));
        var idle = await CoreAsync(node, seconds, () => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System));
        var before = node.CpuNow();
        var began = Stopwatch.GetTimestamp();
        var looks = await LookAsync(http, TimeSpan.FromSeconds(seconds));
        var own = (node.CpuNow() - before).TotalSeconds - (idle * Stopwatch.GetElapsedTime(began).TotalSeconds);
        var core = viewers ? await CoreAsync(node, 2 * Period.TotalSeconds, () => ViewAsync(http)) : 0;
        return (own * 1000 / looks, core);
    }

    private static async Task<int> LookAsync(HttpClient http, TimeSpan time)
    {
        var looks = 0;
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time; looks++)
        {
            await http.GetStringAsync("/map?group=none");
        }

        return looks;
    }

    private static Task ViewAsync(HttpClient http) => Task.WhenAll(Enumerable.Range(0, Viewers).Select(async viewer =>
    {
        // Not all at one moment, as people do not come at one.
        await Task.Delay(Period * ((double)viewer / Viewers), TimeProvider.System);
        for (var look = 0; look < 2; look++)
        {
            await http.GetStringAsync("/map?group=none");
            await Task.Delay(look == 0 ? Period : TimeSpan.Zero, TimeProvider.System);
        }
    }));

    private static async Task<double> CoreAsync(MeasuredProcess node, double seconds, Func<Task> work)
    {
        var before = node.CpuNow();
        var began = Stopwatch.GetTimestamp();
        await work();
        return (node.CpuNow() - before).TotalSeconds / Math.Max(seconds, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    private static string Project(int nodes)
    {
        var text = new StringBuilder("topics:\n");
        for (var i = 0; i < nodes / 2; i++)
        {
            text.Append("  t").Append(i).Append(": {}\n");
        }

        text.Append("  last: {}\nflows:\n");
        for (var i = 0; i < nodes / 2; i++)
        {
            text.Append("  f").Append(i).Append(": { from: { topic: t").Append(i).Append(" }, to: { topic: ").Append(i + 7 < nodes / 2 ? $"t{i + 7}" : "last").Append(" } }\n");
        }

        return nodes == 0 ? "topics: {}\n" : text.ToString();
    }
}
