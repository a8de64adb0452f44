using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>A node that sends its telemetry to another, which goes away and comes back: what it missed waits on disk, is sent then, and is told.</summary>
public sealed class CollectorAwayTests : IDisposable
{
    private const int Each = 20;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("http")]
    [InlineData("grpc")]
    [Trait("speed", "slow")]
    public async Task What_a_collector_missed_is_sent_when_it_is_back_and_nothing_is_lost(string protocol)
    {
        var (api, grpc) = (FreePort(), FreePort());
        _folder.Write("collector/trunkline.yaml", $"node: {{ telemetry: {{ grpc: \"http://127.0.0.1:{grpc}\" }} }}\n");
        _folder.Write("sender/trunkline.yaml", $$"""
            node: { telemetry: { otlp: { endpoint: "http://127.0.0.1:{{(protocol == "grpc" ? grpc : api)}}", protocol: {{protocol}} }, sample: 1 } }
            topics: { in: { partitions: 1 }, out: {} }
            flows: { pass: { from: { topic: in }, to: { topic: out } } }
            """);
        var collector = await CollectorAsync(api);
        await using var sender = await NodeProcess.StartAsync(new CommandSetting { Folder = _folder.In("sender") }, Cancel);
        using var sending = new TrunklineClient(sender.Url);
        try
        {
            var messages = await PublishAsync(sending);
            await HasAllAsync(collector, messages, "what is sent while it is there");

            Assert.Equal(0, (await collector.StopAsync(Cancel)).ExitCode);
            await collector.DisposeAsync();
            messages.AddRange(await PublishAsync(sending));
            await HoldsAsync(async () => await CountAsync(sender, "kept") > 0 && Waiting().Any(), "what it missed waits on disk");

            collector = await CollectorAsync(api);
            await HoldsAsync(() => Task.FromResult(!Waiting().Any()), "the buffer is sent");
            await HasAllAsync(collector, messages, "what it missed");
            Assert.Equal((await CountAsync(sender, "kept"), 0), (await CountAsync(sender, "sent"), await CountAsync(sender, "dropped")));

            // Logs go the same way, and stand beside the collector's own.
            using var received = new TrunklineClient(collector.Url);
            await HoldsAsync(async () => (await received.Logs.FindAsync(new LogQuestion { Text = "Flow pass: started" }, 10, null, Cancel)).Lines.Any(l => l.Service == "trunkline"), "its logs came");
        }
        finally
        {
            await collector.DisposeAsync();
        }
    }

    private Task<NodeProcess> CollectorAsync(int port) =>
        NodeProcess.StartAsync(new CommandSetting { Folder = _folder.In("collector") }, Cancel, "--listen", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    private IEnumerable<string> Waiting()
    {
        var folder = _folder.In("sender/.trunkline/telemetry-out");
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [];
    }

    private static async Task<List<string>> PublishAsync(TrunklineClient client)
    {
        var ids = new List<string>();
        for (var n = 0; n < Each; n++)
        {
            ids.AddRange((await client.PublishAsync("in", new PublishContent { Body = Encoding.UTF8.GetBytes($$"""{"n":{{n}}}""") }, Cancel)).Messages.Select(m => m.Id));
        }

        return ids;
    }

    private static async Task HasAllAsync(NodeProcess collector, List<string> messages, string what)
    {
        using var client = new TrunklineClient(collector.Url);
        await HoldsAsync(
            async () =>
            {
                foreach (var id in messages)
                {
                    if ((await client.Traces.ListAsync(new TraceQuery { Message = id }, Cancel)).Traces.Count == 0)
                    {
                        return false;
                    }
                }

                return true;
            },
            $"the collector has {what}");
    }

    /// <summary>Requests the collector did not take at first, by what became of them.</summary>
    private static async Task<int> CountAsync(NodeProcess sender, string outcome)
    {
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(sender.Url, "/metrics"), Cancel);
        return metrics.Split('\n').Where(line => line.StartsWith("trunkline_buffered_exports_total{", StringComparison.Ordinal) && line.Contains($"outcome=\"{outcome}\"", StringComparison.Ordinal))
            .Sum(line => int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    private static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(Bound);
        while (!await condition())
        {
            Assert.False(bound.IsCancellationRequested, $"in time: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
