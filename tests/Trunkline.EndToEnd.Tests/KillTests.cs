using System.Diagnostics;
using System.Globalization;
using System.Text;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>Real SIGKILL in the middle of long work of a node, and a real SIGSTOP of one who holds messages: nothing is lost, and the work goes on.</summary>
public sealed class KillTests : IDisposable
{
    private const string Secret = "PLANTED-SECRET-4711";
    private const int Partitions = 4;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("speed", "slow")]
    public async Task An_erasure_killed_again_and_again_goes_on_at_each_start_and_takes_what_it_was_asked_for_and_nothing_else()
    {
        const int requests = 40;
        const int each = 50;
        WriteProject();
        string id;
        var node = await StartAsync();
        using (var client = ClientOf(node))
        {
            for (var request = 0; request < requests; request++)
            {
                var body = string.Concat(Enumerable.Range(0, each).Select(i => $$"""{"n":{{(request * each) + i}},"text":"{{(request % 2 == 0 ? Secret : "plain")}}"}""" + "\n"));
                await client.PublishAsync("in", new PublishContent { Body = Encoding.UTF8.GetBytes(body), ContentType = "application/x-ndjson", Key = request % 2 == 0 ? Secret : "plain-" + request }, Cancel);
            }

            await HoldsAsync(async () => (await NumbersAsync(client, "out")).Count == requests * each, "the flow is through");
            id = (await client.StartErasureAsync(new EraseRequest { Key = Secret }, Cancel)).Id;
        }

        var restarted = new List<DateTimeOffset>();
        foreach (var after in new[] { 0, 30, 100 })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(after), TimeProvider.System, Cancel);
            await node.KillAsync(Cancel);
            await node.DisposeAsync();
            node = await StartAsync();
            restarted.Add(TimeProvider.System.GetUtcNow());
        }

        using (var client = ClientOf(node))
        {
            ErasureView? proof = null;
            await HoldsAsync(async () => (proof = await client.GetErasureAsync(id, Cancel)).State == "done", "the erasure is done");
            Assert.True(proof!.FinishedAt > restarted[0], "it was done before it was killed");
            var rest = Enumerable.Range(0, requests * each).Where(n => n / each % 2 == 1);
            Assert.Equal(rest, (await NumbersAsync(client, "in")).Order());
            Assert.Equal(rest, (await NumbersAsync(client, "out")).Order());
        }

        Assert.Equal(0, (await node.StopAsync(Cancel)).ExitCode);
        await node.DisposeAsync();
        var needle = Encoding.UTF8.GetBytes(Secret);
        Assert.DoesNotContain(
            Directory.GetFiles(_folder.In(".trunkline"), "*", SearchOption.AllDirectories),
            file => File.ReadAllBytes(file).AsSpan().IndexOf(needle) >= 0);
    }

    [Fact]
    [Trait("speed", "slow")]
    public async Task A_replay_killed_twice_goes_on_and_stores_each_message_once()
    {
        const int messages = 1000;
        WriteProject();
        var node = await StartAsync();
        string id;
        using (var client = ClientOf(node))
        {
            var body = string.Concat(Enumerable.Range(0, messages).Select(i => $$"""{"n":{{i}},"text":"t"}""" + "\n"));
            await client.PublishAsync("in", new PublishContent { Body = Encoding.UTF8.GetBytes(body), ContentType = "application/x-ndjson" }, Cancel);
            await HoldsAsync(async () => (await NumbersAsync(client, "out")).Count == messages, "the flow is through");
            id = (await client.StartReplayAsync(new StartReplayRequest { Flow = "copy", PerSecond = 200 }, Cancel)).Id;
        }

        foreach (var stored in new[] { 50, 400 })
        {
            using (var client = ClientOf(node))
            {
                ReplayView? seen = null;
                await HoldsAsync(async () => (seen = await client.GetReplayAsync(id, Cancel)).Stored >= stored, $"{stored} are stored");
                Assert.Equal("running", seen!.State);
            }

            await node.KillAsync(Cancel);
            await node.DisposeAsync();
            node = await StartAsync();
        }

        await using (node)
        {
            using var client = ClientOf(node);
            ReplayView? end = null;
            await HoldsAsync(async () => (end = await client.GetReplayAsync(id, Cancel)).State == "done", "the replay is done");
            Assert.Equal((messages, 0L), (end!.Read, end.Failed));
            var twice = Enumerable.Range(0, messages).SelectMany(n => new[] { n, n });
            Assert.Equal(twice, (await NumbersAsync(client, "out")).Order());
        }
    }

    [Fact]
    public async Task A_holder_that_stands_still_past_its_lease_has_lost_its_message_to_another_and_cannot_settle_it()
    {
        WriteProject();
        await using var node = await StartAsync();
        using var client = ClientOf(node);
        await client.PublishAsync("in", new PublishContent { Body = """{"n":1,"text":"t"}"""u8.ToArray(), Key = "k" }, Cancel);

        using var holder = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. HolderCommand.Runner, HolderCommand.Verb, node.Url.ToString(), "in", "g", "1000"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            Assert.Equal("holds 1", await holder.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(Bound, Cancel));
            await SignalAsync(holder, "STOP");
            IReadOnlyList<LeasedMessage> other = [];
            await HoldsAsync(async () => (other = (await client.Group("in", "g").FetchAsync(new FetchRequest { Max = 10, WaitMs = 2000, LeaseMs = 60_000 }, Cancel)).Messages).Count > 0, "another is given the message");
            Assert.Equal(1, Assert.Single(other).Event.Data!.Value.GetProperty("n").GetInt32());

            await SignalAsync(holder, "CONT");
            await holder.StandardInput.WriteLineAsync("settle".AsMemory(), Cancel);
            Assert.Equal("settled 0, expired 1", await holder.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(Bound, Cancel));
            Assert.Single((await client.Group("in", "g").AckAsync(new AckRequest([other[0].Lease]), Cancel)).Done);
            await HoldsAsync(async () => (await client.GetTopicAsync("in", Cancel)).Groups.Single(g => g.Group == "g").Lag == 0, "the group is through");
        }
        finally
        {
            holder.Kill();
            await holder.WaitForExitAsync(CancellationToken.None);
        }
    }

    private void WriteProject() => _folder.Write("trunkline.yaml", $$"""
        topics: { in: { partitions: {{Partitions}} }, out: { partitions: {{Partitions}} } }
        flows:
          copy: { from: { topic: in }, steps: [ { parse: json } ], to: { topic: out } }
        """);

    private Task<NodeProcess> StartAsync() => NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path }, Cancel);

    private static TrunklineClient ClientOf(NodeProcess node) => new(node.Url, null, TimeSpan.FromSeconds(60));

    private static async Task SignalAsync(Process process, string name)
    {
        using var kill = Process.Start("kill", ["-s", name, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Cancel);
    }

    private static async Task<List<int>> NumbersAsync(TrunklineClient client, string topic)
    {
        var numbers = new List<int>();
        for (var partition = 0; partition < Partitions; partition++)
        {
            long next = 0;
            while ((await client.ReadAsync(topic, ReadFrom.Offset(partition, next), 1000, Cancel)).Messages is { Count: > 0 } page)
            {
                numbers.AddRange(page.Select(message => message.Data!.Value.GetProperty("n").GetInt32()));
                next = page[^1].Offset + 1;
            }
        }

        return numbers;
    }

    private static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Bound, $"not within {Bound.TotalMinutes} minutes: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }
    }
}
