using System.Text;
using Trunkline.Server.Effects;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Quality;

namespace Trunkline.Server.Tests.Quality;

public sealed class QualityTallyTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly QualityTally _tally = new();

    [Theory]
    [InlineData("""{"label":true,"probability":0.9}""", "true", 0.9, 0.9)]
    [InlineData("""{"label":false,"probability":0.1}""", "false", 0.9, 0.1)]
    [InlineData("""{"language":"FR","confidence":0.7}""", "fr", 0.7, 0.7)]
    [InlineData("""{"compound":-0.4,"pos":0}""", "negative", null, -0.4)]
    [InlineData("""{"kind":"refund"}""", "refund", null, null)]
    [InlineData("""{"label":"a","probability":17}""", "a", null, 17.0)]
    [InlineData("""{"text":"hello"}""", null, null, null)]
    [InlineData("\"text\"", null, null, null)]
    [InlineData("not json", null, null, null)]
    public void Answers_are_read_by_the_names_they_usually_have(string answer, string? label, double? confidence, double? score)
    {
        var said = Prediction.Of(Encoding.UTF8.GetBytes(answer));
        Assert.Equal(label, said.Label);
        Assert.Equal((confidence ?? -1, score ?? -1), (said.Confidence ?? -1, said.Score ?? -1));
    }

    [Fact]
    public void Labels_and_answers_meet_in_whichever_order_they_come()
    {
        Answer("m1", "spam=v1", """{"label":true,"probability":0.8}""");
        Label("m1", "spam");
        Label("m2", "not-spam");
        Answer("m2", "spam=v1", """{"label":true,"probability":0.6}""");
        var version = Assert.Single(_tally.Versions);
        Assert.Equal((2, 1, 2), (version.Labels, version.Agreed, version.Calibration.Count));
        Assert.Equal((0.04 + 0.36) / 2, version.Calibration.Brier, 12);
    }

    [Fact]
    public void A_label_is_about_the_models_that_choose_such_labels_or_about_the_one_it_names()
    {
        Answer("m0", "language=l1", """{"language":"fr","confidence":1}""");
        Answer("m1", "language=l1", """{"language":"en","confidence":0.9}""");
        Answer("m1", "spam=v1", """{"label":false,"probability":0.2}""");
        Label("m1", "spam");
        Label("m1", "fr");
        Label("m1", "language:de");
        var (language, spam) = (_tally.Versions.First(v => v.Model == "language"), _tally.Versions.First(v => v.Model == "spam"));
        Assert.Equal((2, 0), (language.Labels, language.Agreed));
        Assert.Equal((1, 0), (spam.Labels, spam.Agreed));
    }

    [Fact]
    public void Versions_are_counted_apart_with_their_cost_and_ratings()
    {
        Answer("m1", "reply=v1", """{"text":"a"}""", new EffectUsage(10, 20, 0.5m));
        Answer("m2", "reply=v2", """{"text":"b"}""", new EffectUsage(1, 2, 0.25m));
        Answer("m3", "reply=v2", """{"text":"c"}""", new EffectUsage(1, 2, 0.25m));
        Tell(new LaterFact("f1", "rated", "m2", null, null, Now, 4, null));
        Tell(new LaterFact("f2", "rated", "m3", null, null, Now, 2, null));
        Tell(new LaterFact("f3", "rated", null, null, "key", Now, 1, null));
        var (first, second) = (_tally.Versions.First(v => v.Version == "v1"), _tally.Versions.First(v => v.Version == "v2"));
        Assert.Equal((1, 10, 20, 0.5m, 0), (first.Answers, first.InputTokens, first.OutputTokens, first.Cost, first.Ratings));
        Assert.Equal((2, 0.5m, 2, 6.0), (second.Answers, second.Cost, second.Ratings, second.RatingSum));
    }

    [Fact]
    public void What_is_remembered_is_bounded()
    {
        for (var i = 0; i < QualityTally.VersionsMax + 50; i++)
        {
            _tally.Add("m", new RecordedEffect(EffectKind.Model, $"model=v{i}", "k", "{}"u8.ToArray()), Now.AddSeconds(i));
        }

        Assert.Equal(QualityTally.VersionsMax, _tally.Versions.Count());
        Assert.Contains(_tally.Versions, v => v.Version == $"v{QualityTally.VersionsMax + 49}");
        Assert.DoesNotContain(_tally.Versions, v => v.Version == "v0");
    }

    private void Answer(string id, string name, string answer, EffectUsage? usage = null) =>
        _tally.Add(id, new RecordedEffect(EffectKind.Model, name, "k", Encoding.UTF8.GetBytes(answer)) { Usage = usage, Took = TimeSpan.FromMilliseconds(5) }, Now);

    private void Label(string id, string label) => Tell(new LaterFact(id + label, "label", id, null, null, Now, null, label));

    private void Tell(LaterFact fact) => _tally.Add(fact);
}
