using System.Text;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Models;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Hosting;

/// <summary>A new version of a model is applied to a running node under load.</summary>
public sealed class ModelSwapTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_version_takes_over_under_load_without_a_failed_call_and_the_old_one_is_called_no_more()
    {
        var folder = Directory.CreateTempSubdirectory("trunkline-swap-").FullName;
        var (old, fresh) = (new CountedModel("old"), new CountedModel("new"));
        var file = Path.Combine(folder, "trunkline.yaml");
        await File.WriteAllTextAsync(file, Project("old"), Cancel);
        await using (var app = TrunklineApp.Create("-f", file, "--listen", "http://127.0.0.1:0", "--data", Path.Combine(folder, "data")))
        {
            app.AddModel("old", old).AddModel("new", fresh);
            await app.StartAsync(Cancel);
            using var client = new TrunklineClient(new Uri(app.Url));
            await PublishAsync(client, 0, 300);
            await Eventually.HoldsAsync(() => old.Calls > 20, "the old version is at work");

            await client.ApplyAsync(new ApplyRequest { Main = "trunkline.yaml", Files = new Dictionary<string, string> { ["trunkline.yaml"] = Project("new") } }, Cancel);

            // Calls that had begun may finish.
            await Eventually.HoldsAsync(() => old.Running == 0, "the old version is through");
            var calls = old.Calls;
            await PublishAsync(client, 300, 50);
            await Eventually.HoldsAsync(async () => (await client.GetFlowAsync("ask", Cancel)).Lag == 0, "all is through");
            Assert.Equal(calls, old.Calls);
            Assert.Equal(350, old.Calls + fresh.Calls);
            Assert.Empty((await client.ListDeadLettersAsync("ask", 10, Cancel)).DeadLetters);
            var answered = (await client.GetTopicAsync("out", Cancel)).Partitions.Sum(p => p.HighOffset - p.LowOffset);
            Assert.Equal(350, answered);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static string Project(string version) => $$"""
        node: { broker: { kind: memory } }
        topics: { in: {}, out: {} }
        models: { reply: { use: {{version}}, concurrency: 4 } }
        flows:
          ask:
            from: { topic: in }
            steps: [ { infer: { model: reply, input: message.n } } ]
            to: { topic: out }
        """;

    private static async Task PublishAsync(TrunklineClient client, int from, int count)
    {
        var lines = string.Join('\n', Enumerable.Range(from, count).Select(n => $$"""{"n":{{n}}}"""));
        await client.PublishAsync("in", new PublishContent { Body = Encoding.UTF8.GetBytes(lines), ContentType = "application/x-ndjson" }, Cancel);
    }

    private sealed class CountedModel(string version) : IModel
    {
        private int _calls;
        private int _running;

        public int Calls => Volatile.Read(ref _calls);

        public int Running => Volatile.Read(ref _running);

        public string Kind => "counted";

        public string Version => version;

        public async ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _running);
            Interlocked.Increment(ref _calls);
            await Task.Yield();
            Interlocked.Decrement(ref _running);
            return new ModelAnswer("1"u8.ToArray());
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
