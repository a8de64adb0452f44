using System.Globalization;
using System.Text;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Quality;

/// <summary>The quality of a model over HTTP, from a running flow and labels told from outside; the same after a restart.</summary>
public sealed class QualityApiTests : IAsyncLifetime
{
    private const string Project = """
        topics: { in: { partitions: 2 }, out: { partitions: 1 } }
        models: { sentiment: { kind: lexicon } }
        flows:
          feel:
            from: { topic: in }
            steps: [ { parse: json }, { infer: { model: sentiment, input: message.text, output: sentiment } } ]
            to: { topic: out }
        """;

    private const int Messages = 120;

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-quality-").FullName;
    private TrunklineApp _app = null!;
    private TrunklineClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "trunkline.yaml"), Project, Cancel);
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Agreement_of_a_version_is_told_once_there_are_labels_enough_and_again_after_a_restart()
    {
        for (var i = 0; i < Messages; i++)
        {
            var content = new PublishContent
            {
                Body = Encoding.UTF8.GetBytes(i % 2 == 0 ? """{"text":"this is wonderful, I love it"}""" : """{"text":"this is terrible, I hate it"}"""),
                IdempotencyKey = Id(i),
            };
            await _client.PublishAsync("in", content, Cancel);
        }

        await TellAsync(0, 60);
        await Eventually.HoldsAsync(async () => (await OneAsync())?.Answers == Messages, "all are answered", 90);
        var early = (await OneAsync())!;
        Assert.Equal(("sentiment", 60, null, null), (early.Model, early.Labels, early.Agreement, early.Brier));
        Assert.Equal(("not enough evidence", Messages), (early.Inputs.State, early.Inputs.Values));
        Assert.True(early.LatencyP50Ms > 0);

        // All that is terrible was labelled positive too: half agree.
        await TellAsync(60, Messages);
        Assert.Equal(0.5, (await OneAsync())!.Agreement);
        await StopAsync();
        await StartAsync();
        var again = (await OneAsync())!;
        Assert.Equal((Messages, Messages, 0.5), (again.Answers, again.Labels, again.Agreement));
        Assert.Empty((await _client.GetModelQualityAsync("other", Cancel)).Versions);
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"m{number}");

    private async Task TellAsync(int from, int to)
    {
        var messages = (await _client.ReadAsync("in", ReadFrom.Earliest, 1000, Cancel)).Messages;
        var facts = messages.Select(m => m.Id).Order(StringComparer.Ordinal).Take(from..to).Select(id => new OutcomeFactView { Fact = "label", Id = id, Label = "Positive" }).ToArray();
        Assert.Equal(to - from, facts.Length);
        await _client.TellOutcomesAsync(facts, Cancel);
    }

    private async Task<ModelQualityView?> OneAsync() => (await _client.GetModelQualityAsync("sentiment", Cancel)).Versions.SingleOrDefault();

    private async Task StartAsync()
    {
        _app = TrunklineApp.Create("-f", Path.Combine(_folder, "trunkline.yaml"), "--listen", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        await _app.StartAsync(Cancel);
        _client = new TrunklineClient(new Uri(_app.Url));
    }

    private async Task StopAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }
}
