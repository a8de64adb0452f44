using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Trunkline.Bench.Idle;

namespace Trunkline.Bench.Telemetry;

/// <summary>What the page of the map costs a node: one look at a time, and fifty who look on while messages pass.</summary>
internal static class MapPages
{
    /// <summary>Nodes of the map: topics, and flows between them.</summary>
    public const int Nodes = 100;

    /// <summary>Viewers at once.</summary>
    public const int Viewers = 50;

    private const string Everything = "group=none";

    /// <summary>Looks before any counts, for each second that is measured.</summary>
    private const int LooksBefore = 1200;

    // As the page's own script asks for what has no stream.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenMessages = TimeSpan.FromMilliseconds(100);

    /// <summary>Milliseconds of processor time a look at the map takes the server: one that shares its reading with looks just before, and one that shares none.</summary>
    public static async Task<(double Shared, double Alone)> LooksAsync(string folder, int nodes, double seconds)
    {
        await using var node = await StartAsync(folder, nodes);
        using var http = new HttpClient { BaseAddress = node.Url };
        var time = TimeSpan.FromSeconds(seconds);
        await WarmAsync(One);
        await WarmAsync(Another);
        return (await MillisecondsAsync(One), await MillisecondsAsync(Another));

        // What is compiled for good goes by calls, and takes its time: enough of both, for the empty map as for the full one.
        async Task WarmAsync(Func<int, string> address)
        {
            for (var looks = 0; looks < LooksBefore * seconds;)
            {
                looks += await LookAsync(http, 4 * time, address);
            }
        }

        async Task<double> MillisecondsAsync(Func<int, string> address)
        {
            var (before, looks) = (node.CpuNow(), await LookAsync(http, time, address));
            return (node.CpuNow() - before).TotalMilliseconds / looks;
        }
    }

    /// <summary>Shares of a core: the streams of the viewers alone, and with the pages their scripts ask for; what they were sent.</summary>
    public static async Task<Viewing> ViewAsync(string folder)
    {
        await using var node = await StartAsync(folder, Nodes);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4 * Viewers }) { BaseAddress = node.Url };
        using var end = new CancellationTokenSource();
        var passing = PassAsync(http, end.Token);
        var (events, bytes) = (0L, 0L);
        await Task.WhenAll(ViewersAsync(2 * Period), PollAsync(http));
        var before = await CoreAsync(node, 2 * Period, Task.Delay);
        (events, bytes) = (0, 0);
        var streams = await CoreAsync(node, 2 * Period, ViewersAsync);
        var sent = (events, bytes);
        var pages = await CoreAsync(node, 2 * Period, time => Task.WhenAll(ViewersAsync(time), PollAsync(http)));
        var without = Math.Min(before, await CoreAsync(node, 2 * Period, Task.Delay));
        await end.CancelAsync();
        await passing;
        return new Viewing(streams - without, pages - without, sent.events / (2 * Period.TotalSeconds * Viewers), (double)sent.bytes / Math.Max(1, sent.events));

        async Task ViewersAsync(TimeSpan time)
        {
            using var enough = new CancellationTokenSource(time, TimeProvider.System);
            await Task.WhenAll(Enumerable.Range(0, Viewers).Select(async viewer =>
            {
                // Not all at one moment, as people do not come at one.
                await Task.Delay(TimeSpan.FromSeconds(0.5 * viewer / Viewers), TimeProvider.System);
                await foreach (var length in EventsAsync(http, enough.Token))
                {
                    Interlocked.Increment(ref events);
                    Interlocked.Add(ref bytes, length);
                }
            }));
        }
    }

    private static async Task<MeasuredProcess> StartAsync(string folder, int nodes)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "trunkline.yaml"), Project(nodes));
        return await MeasuredProcess.StartAsync(IdleBench.NodeProgram, folder, IdleBench.NodeArguments);
    }

    private static string One(int look) => $"/map?{Everything}";

    /// <summary>The same map, asked for in words nobody else uses: neither topics nor flows are hidden.</summary>
    private static string Another(int look) => $"/map?{Everything}&hide={string.Join(',', Enumerable.Range(0, 16).Select(bit => (look >> bit & 1) == 0 ? "sink" : "model"))}";

    private static async Task<int> LookAsync(HttpClient http, TimeSpan time, Func<int, string> address)
    {
        var looks = 0;
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time; looks++)
        {
            await http.GetStringAsync(address(looks));
        }

        return looks;
    }

    /// <summary>Lengths of the events of a viewer's stream, until it looks enough.</summary>
    private static async IAsyncEnumerable<int> EventsAsync(HttpClient http, [EnumeratorCancellation] CancellationToken enough)
    {
        using var answer = await http.GetAsync($"/map/live?{Everything}", HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        using var lines = new StreamReader(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(CancellationToken.None));
        while (true)
        {
            string? line;
            try
            {
                line = await lines.ReadLineAsync(enough);
            }
            catch (OperationCanceledException)
            {
                // It has looked enough.
                yield break;
            }

            if (line is null)
            {
                throw new InvalidOperationException("the stream of the map ended");
            }

            if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                yield return line.Length;
            }
        }
    }

    private static Task PollAsync(HttpClient http) => Task.WhenAll(Enumerable.Range(0, Viewers).Select(async viewer =>
    {
        await Task.Delay(Period * ((double)viewer / Viewers), TimeProvider.System);
        await http.GetStringAsync(One(0));
        await Task.Delay(Period, TimeProvider.System);
        await http.GetStringAsync(One(0));
    }));

    /// <summary>Publishes a message to each topic in turn, so that there is something to see.</summary>
    private static async Task PassAsync(HttpClient http, CancellationToken end)
    {
        using var timer = new PeriodicTimer(BetweenMessages, TimeProvider.System);
        try
        {
            for (var n = 0; await timer.WaitForNextTickAsync(end); n++)
            {
                using var body = new StringContent("{}", Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync($"/api/v1/topics/t{n % (Nodes / 2)}/messages", body, end);
                answer.EnsureSuccessStatusCode();
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }

    private static async Task<double> CoreAsync(MeasuredProcess node, TimeSpan time, Func<TimeSpan, Task> work)
    {
        var before = node.CpuNow();
        var began = Stopwatch.GetTimestamp();
        await work(time);
        return (node.CpuNow() - before).TotalSeconds / Stopwatch.GetElapsedTime(began).TotalSeconds;
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

/// <summary>What fifty viewers cost.</summary>
/// <param name="Streams">Share of a core of their streams.</param>
/// <param name="Pages">The same with the pages their scripts ask for every five seconds.</param>
/// <param name="EventsPerSecond">Events one of them is sent a second.</param>
/// <param name="EventBytes">Bytes of one.</param>
internal sealed record Viewing(double Streams, double Pages, double EventsPerSecond, double EventBytes);
