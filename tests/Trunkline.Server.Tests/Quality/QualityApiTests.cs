using System.Globalization;
using System.Text;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

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

    private readonly NodeFixture _node = new("quality", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

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
            await _node.Client.PublishAsync("in", content, Cancel);
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
        await _node.StopAsync();
        await _node.StartAsync();
        var again = (await OneAsync())!;
        Assert.Equal((Messages, Messages, 0.5), (again.Answers, again.Labels, again.Agreement));
        var refused = await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.GetModelQualityAsync("other", Cancel));
        Assert.Equal("model.not-found", refused.Code);
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"m{number}");

    private async Task TellAsync(int from, int to)
    {
        var messages = (await _node.Client.ReadAsync("in", ReadFrom.Earliest, 1000, Cancel)).Messages;
        var facts = messages.Select(m => m.Id).Order(StringComparer.Ordinal).Take(from..to).Select(id => new OutcomeFactView { Fact = "label", Id = id, Label = "Positive" }).ToArray();
        Assert.Equal(to - from, facts.Length);
        await _node.Client.TellOutcomesAsync(facts, Cancel);
    }

    private async Task<ModelQualityView?> OneAsync() => (await _node.Client.GetModelQualityAsync("sentiment", Cancel)).Versions.SingleOrDefault();
}
