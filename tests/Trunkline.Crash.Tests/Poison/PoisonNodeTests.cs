using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Brokers.Embedded;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Crash.Tests.Poison;

/// <summary>A message that kills the node's process three times.</summary>
[Trait("speed", "slow")]
public sealed class PoisonNodeTests : IDisposable
{
    private const string Project = """
        node: { broker: { kind: embedded } }
        topics: { in: { partitions: 1 }, out: { partitions: 1 } }
        flows:
          fragile:
            from: { topic: in }
            steps: [ { use: fragile } ]
            to: { topic: out }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-poison-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data");

    private string ProjectFile => Path.Combine(_folder, "trunkline.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_becomes_a_dead_letter_with_the_third_death_and_everything_else_is_delivered_once_in_order()
    {
        await File.WriteAllTextAsync(ProjectFile, Project, Cancel);
        var payloads = Enumerable.Range(0, 60).Select(i => i == 20 ? $"\"{PoisonNode.Killer}\"" : i.ToString(CultureInfo.InvariantCulture)).ToArray();
        await using (var broker = await OpenAsync())
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = "in", Partitions = 1 }, Cancel);
            var messages = payloads.Select(p => new Message { Key = MessageKey.FromText("k"), ContentType = "application/json", Payload = Encoding.UTF8.GetBytes(p) });
            await broker.AppendAsync(new TopicAppend { Topic = "in", Messages = [.. messages] }, Cancel);
        }

        for (var death = 1; death <= 3; death++)
        {
            using var node = Start(isAbort: death == 1);
            await node.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(2), Cancel);
            Assert.NotEqual(0, node.ExitCode);
        }

        using (var node = Start(isAbort: false))
        {
            try
            {
                await DeliveredAsync(node, 59);
            }
            finally
            {
                node.Kill();
                await node.WaitForExitAsync(CancellationToken.None);
            }
        }

        await using var after = await OpenAsync();
        Assert.Equal(payloads.Where((_, i) => i != 20), await PayloadsAsync(after, "out"));
        var dead = Assert.Single(await ReadAsync(after, "fragile.dead"));
        Assert.Equal(("flow.poison", "3"), (dead.Headers.Text(HeaderNames.Cause), dead.Headers.Text(HeaderNames.Attempts)));
        Assert.Equal(payloads[20], Encoding.UTF8.GetString(dead.Payload.Span));
    }

    private Process Start(bool isAbort)
    {
        string[] runner = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(PoisonNode).Assembly.Location] : [];
        var start = new ProcessStartInfo(Environment.ProcessPath!, [.. runner, PoisonNode.Verb, ProjectFile, Data, isAbort ? "abort" : "kill"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Waits until the node's topic <c>out</c> holds so many messages.</summary>
    private static async Task DeliveredAsync(Process node, int count)
    {
        var line = await node.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        using var ready = JsonDocument.Parse(line!);
        using var http = new HttpClient { BaseAddress = new Uri(ready.RootElement.GetProperty("url").GetString()!) };
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            using var page = JsonDocument.Parse(await http.GetStringAsync("/api/v1/topics/out/messages?limit=1000", bound.Token));
            if (page.RootElement.GetProperty("messages").GetArrayLength() >= count)
            {
                return;
            }

            await timer.WaitForNextTickAsync(bound.Token);
        }
    }

    private async Task<EmbeddedBroker> OpenAsync() => await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = Path.Combine(Data, "store") }, Cancel);

    private static async Task<List<string>> PayloadsAsync(EmbeddedBroker broker, string topic) =>
        [.. (await ReadAsync(broker, topic)).Select(m => Encoding.UTF8.GetString(m.Payload.Span))];

    private static async Task<IReadOnlyList<Message>> ReadAsync(EmbeddedBroker broker, string topic) =>
        [.. (await broker.ReadAsync(new ReadRequest(topic, 0, 0, 1000), Cancel)).Select(m => m.Message)];
}
