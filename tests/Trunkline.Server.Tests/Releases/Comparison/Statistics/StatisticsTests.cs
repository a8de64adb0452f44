using Trunkline.Client.Api;
using Trunkline.Server.Releases.Comparison.Statistics;

namespace Trunkline.Server.Tests.Releases.Comparison.Statistics;

/// <summary>Against values worked out by hand or found in tables.</summary>
public sealed class StatisticsTests
{
    [Theory]
    [InlineData(5, 0, 1.0 / 32)]
    [InlineData(8, 2, 56.0 / 1024)]
    [InlineData(0, 9, 1)]
    [InlineData(0, 0, 1)]
    public void The_sign_test_is_the_tail_of_a_fair_coin(long more, long fewer, double chance) => Assert.Equal(chance, SignTest.Greater(more, fewer), 9);

    [Fact]
    public void The_rank_test_tells_apart_what_is_apart_and_nothing_else()
    {
        var first = Enumerable.Range(0, 50).Select(i => (double)i).ToArray();
        Assert.True(RankTest.TwoSided(first, [.. first.Select(x => x + 40)]) < 1e-6);
        Assert.True(RankTest.TwoSided(first, [.. first.Select(x => x + 0.5)]) > 0.5);
        Assert.Equal(1, RankTest.TwoSided([.. first.Select(_ => 1.0)], [.. first.Select(_ => 1.0)]));
    }

    [Fact]
    public void A_share_has_the_interval_of_Clopper_and_Pearson()
    {
        Assert.Equal(new ShareView(0, 0, 1), Interval.OfShare(0, 0));
        var five = Interval.OfShare(5, 20);
        Assert.Equal((0.25, 0.0866, 0.4910), (five.Share, Math.Round(five.Low, 4), Math.Round(five.High, 4)));
        Assert.Equal(0.1684, Interval.OfShare(0, 20).High, 4);
        Assert.Equal(1, Interval.OfShare(20, 20).High);
    }

    [Fact]
    public void The_bootstrap_gives_the_same_interval_for_the_same_observations_around_the_figure()
    {
        var values = Enumerable.Range(0, 200).Select(i => (double)(i % 20)).ToArray();
        var interval = Interval.Bootstrap(values.Length, drawn => drawn.Average(i => values[i]), 0.95);
        Assert.Equal(interval, Interval.Bootstrap(values.Length, drawn => drawn.Average(i => values[i]), 0.95));
        Assert.InRange(9.5, interval.Low, interval.High);

        // The standard error of this mean is 0.41; the interval is about 3.9 of them wide.
        Assert.InRange(interval.High - interval.Low, 1.2, 2.0);
    }

    [Fact]
    public void Chances_are_corrected_for_how_many_were_asked()
    {
        var evidence = new Evidence(exact: false, messages: 100);
        var told = new double[3];
        evidence.Ask(0.004, p => told[0] = p);
        evidence.Ask(0.5, p => told[1] = p);
        evidence.Ask(0.02, p => told[2] = p);
        evidence.Answer();
        Assert.Equal([0.012, 0.5, 0.04], told.Select(p => Math.Round(p, 6)));
    }

    [Theory]
    [InlineData(100, 60, 0, ComparisonVerdicts.Differs)]
    [InlineData(100, 3, 3, ComparisonVerdicts.NotEnoughEvidence)]
    [InlineData(100_000, 40, 40, ComparisonVerdicts.Same)]
    public void Where_chance_plays_a_part_a_verdict_needs_messages(int messages, int candidateOnly, int noiseOnly, string expected)
    {
        var count = new PairedCount();
        for (var i = 0; i < candidateOnly + noiseOnly; i++)
        {
            count.Add(noise: i >= candidateOnly, candidate: i < candidateOnly);
        }

        var evidence = new Evidence(exact: false, messages);
        string? told = null;
        evidence.Ask(count, (verdict, _) => told = verdict);
        evidence.Answer();
        Assert.Equal(expected, told);
    }

    [Fact]
    public void A_sample_is_bounded_and_takes_from_everywhere()
    {
        var sample = new TripleSample();
        for (var i = 0; i < 20_000; i++)
        {
            sample.Add(i, i, -i);
        }

        Assert.Equal(TripleSample.Max, sample.Count);
        Assert.InRange(sample.Before.Average(), 9_000, 11_000);
        Assert.All(sample.Before.Zip(sample.After), pair => Assert.Equal(pair.First, -pair.Second));
    }
}
