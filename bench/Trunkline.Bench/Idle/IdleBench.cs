using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Trunkline.Bench.Results;

namespace Trunkline.Bench.Idle;

/// <summary>
/// <c>bench idle</c>: what a node costs that does nothing, how long it takes to be ready, and what a million messages through a
/// flow leave in its memory; beside a bare web application on the same server, started in turn in the same run.
/// </summary>
internal static class IdleBench
{
    private const int Messages = 1_000_000;
    private const int PerRequest = 1000;

    private const string Project = """
        topics: { in: {}, out: {} }
        flows: { copy: { from: { topic: in }, steps: [ { filter: message.n >= 0 } ], to: { topic: out } } }
        """;

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        var machine = Machine.Describe();
        var messages = Math.Max(4 * PerRequest, options.Count(Messages));
        var (bareReady, bareMemory, nodeReady, nodeMemory) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < options.Rounds; round++)
        {
            await BenchFolder.UseAsync(options, folder => StartAsync(Path.Combine(AppContext.BaseDirectory, "Trunkline.Bench"), folder, bareReady, bareMemory, BareWebApp.Argument));
            await BenchFolder.UseAsync(options, folder => StartNodeAsync(folder, nodeReady, nodeMemory));
        }

        var growth = await BenchFolder.UseAsync(options, folder => GrowthAsync(folder, messages));
        return new Report("idle", machine, TimeProvider.System.GetUtcNow(), [], [],
        [
            Figure("time to ready", "ms", nodeReady, bareReady),
            Figure("resident memory, idle", "MB", nodeMemory, bareMemory),
            string.Create(CultureInfo.InvariantCulture, $"resident memory of the node over {messages:N0} messages through a flow (sync, {PerRequest} a request): {growth}"),
            "The peer is WebApplication.CreateSlimBuilder with one address. The node has RocksDB, one flow and two topics; framework-dependent builds of both.",
        ]);
    }

    private static async Task<bool> StartAsync(string program, string folder, List<double> ready, List<double> memory, params string[] arguments)
    {
        await using var process = await MeasuredProcess.StartAsync(program, folder, arguments);
        using var http = new HttpClient { BaseAddress = process.Url };
        await http.GetStringAsync("/"); // one request, so that both have served
        ready.Add(process.Ready.TotalMilliseconds);
        memory.Add(process.MemoryMb());
        return true;
    }

    private static async Task<bool> StartNodeAsync(string folder, List<double> ready, List<double> memory)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "trunkline.yaml"), Project);
        return await StartAsync(NodeProgram, folder, ready, memory, NodeArguments);
    }

    private static async Task<string> GrowthAsync(string folder, int messages)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "trunkline.yaml"), Project);
        await using var node = await MeasuredProcess.StartAsync(NodeProgram, folder, NodeArguments);
        using var http = new HttpClient { BaseAddress = node.Url };
        List<string> steps = [];
        for (var sent = 0; sent < messages;)
        {
            var lines = string.Join('\n', Enumerable.Range(sent, PerRequest).Select(n => $$"""{"n":{{n}},"text":"{{new string('x', 200)}}"}"""));
            using var content = new StringContent(lines, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/x-ndjson"));
            using var response = await http.PostAsync("/api/v1/topics/in/messages", content);
            response.EnsureSuccessStatusCode();
            sent += PerRequest;
            if (sent % (messages / 4) == 0)
            {
                steps.Add(string.Create(CultureInfo.InvariantCulture, $"{node.MemoryMb():0} MB after {sent:N0}"));
            }
        }

        while (await LagAsync(http) > 0)
        {
            await Task.Yield();
        }

        steps.Add(string.Create(CultureInfo.InvariantCulture, $"{node.MemoryMb():0} MB when the flow was through"));
        return string.Join(", ", steps);
    }

    private static async Task<long> LagAsync(HttpClient http)
    {
        using var document = JsonDocument.Parse(await http.GetStringAsync("/api/v1/flows/copy"));
        return document.RootElement.GetProperty("lag").GetInt64();
    }

    public static string NodeProgram => Path.Combine(AppContext.BaseDirectory, "trunkline");

    public static string[] NodeArguments => ["run", "--json", "--listen", "http://127.0.0.1:0"];

    private static string Figure(string what, string unit, List<double> node, List<double> bare)
    {
        var (a, b) = (Median(node), Median(bare));
        return string.Create(CultureInfo.InvariantCulture, $"{what}: node {a:0} {unit}, bare web application {b:0} {unit}, ratio {a / b:0.0} (medians of {node.Count})");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
