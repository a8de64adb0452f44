using System.Net;
using System.Text;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Server.Tests.Sight;

/// <summary>The log of a running node, asked over its API, and again after a restart.</summary>
public sealed class LogApiTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-logs-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_became_of_a_message_is_found_by_what_names_it_after_a_restart_too_and_tells_neither_key_nor_payload()
    {
        LogLineView line;
        await using (var app = await StartAsync())
        {
            using var client = new TrunklineClient(new Uri(app.Url));
            await client.PublishAsync("in", new PublishContent { Body = Encoding.UTF8.GetBytes("""{"text":"hidden-4711"}"""), Key = "ada@example.com", IdempotencyKey = "m1" }, Cancel);
            while ((await client.Logs.FindAsync(new LogQuestion { Text = "became a dead letter" }, 10, null, Cancel)).Lines.Count == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
            }

            line = (await client.Logs.FindAsync(new LogQuestion { Key = "ada@example.com" }, 10, null, Cancel)).Lines.Single();
            Assert.Equal(("price", "desk", "debug"), (line.Flow!, line.Owner!, line.Level));
            Assert.Equal(32, line.Trace!.Length);
        }

        await using var again = await StartAsync();
        using var later = new TrunklineClient(new Uri(again.Url));
        foreach (var question in new[] { new LogQuestion { Message = line.Message }, new LogQuestion { Trace = line.Trace }, new LogQuestion { Owner = "desk", Text = "dead letter" }, new LogQuestion { Flow = "price", Text = "DEAD" } })
        {
            Assert.Equal(line, Assert.Single((await later.Logs.FindAsync(question, 10, null, Cancel)).Lines));
        }

        foreach (var question in new[] { new LogQuestion { Key = "ada" }, new LogQuestion { Owner = "nobody" }, new LogQuestion { Flow = "price", Owner = "nobody" }, new LogQuestion { Text = "hidden-4711" }, new LogQuestion { Text = "ada@" }, new LogQuestion { Message = line.Message, Level = "warning" } })
        {
            Assert.Empty((await later.Logs.FindAsync(question, 10, null, Cancel)).Lines);
        }

        var all = await later.Logs.FindAsync(new LogQuestion(), 1000, null, Cancel);
        Assert.Equal(all.Lines.Count, (await later.Logs.FollowAsync(new LogQuestion(), 0, Cancel)).Lines.Take(all.Lines.Count).Count());
        using var http = new HttpClient { BaseAddress = new Uri(again.Url) };
        foreach (var wrong in new[] { "limit=0", "limit=1001", "level=loud", "since=soon", "since=8d", "before=-1", "after=-1" })
        {
            using var answer = await http.GetAsync($"/api/v1/logs?{wrong}", Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{wrong}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task What_a_program_writes_to_standard_error_is_for_the_console_and_is_not_kept()
    {
        await using var app = await StartAsync();
        using var client = new TrunklineClient(new Uri(app.Url));
        await client.PublishAsync("told", new PublishContent { Body = Encoding.UTF8.GetBytes("""{"text":"hidden-4712"}""") }, Cancel);
        while ((await client.GetFlowAsync("tell", Cancel)).Delivered == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }

        // What was logged before is kept before.
        await client.PublishAsync("in", new PublishContent { Body = "{}"u8.ToArray() }, Cancel);
        while ((await client.Logs.FindAsync(new LogQuestion { Text = "became a dead letter" }, 10, null, Cancel)).Lines.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }

        Assert.Empty((await client.Logs.FindAsync(new LogQuestion { Text = "hidden-4712" }, 10, null, Cancel)).Lines);
    }

    private async Task<TrunklineApp> StartAsync()
    {
        var file = Path.Combine(_folder, "trunkline.yaml");
        await File.WriteAllTextAsync(file, """
            owners: { desk: { email: desk@example.com } }
            topics: { in: { partitions: 1 }, out: {}, told: {} }
            flows:
              price:
                from: { topic: in }
                steps: [ { map: "({ amount: message.price.amount })" } ]
                to: { topic: out }
                retry: { attempts: 1 }
                owner: desk
              tell:
                from: { topic: told }
                steps: [ { exec: { command: [sh, -c, "cat >&2; echo '{}'"], output: said, stderr: log } } ]
                to: { topic: out }
            """, Cancel);
        var app = TrunklineApp.Create("-f", file, "--listen", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        await app.StartAsync(Cancel);
        return app;
    }
}
