using Trunkline.Server.Quality;

namespace Trunkline.Server.Tests.Quality;

/// <summary>The figures against values worked out by hand or printed in tables.</summary>
public sealed class StatisticsTests
{
    [Fact]
    public void Brier_and_calibration_error_are_those_worked_out_by_hand()
    {
        // Ten answers at 0.8, six right; ten at 0.25 (of a label that was right), two right.
        var calibration = new Calibration();
        for (var i = 0; i < 10; i++)
        {
            calibration.Add(0.8, i < 6);
            calibration.Add(0.25, i < 2);
        }

        Assert.Equal(20, calibration.Count);
        Assert.Equal(((6 * 0.04) + (4 * 0.64) + (2 * 0.5625) + (8 * 0.0625)) / 20, calibration.Brier, 12);
        Assert.Equal(((10 * 0.2) + (10 * 0.05)) / 20, calibration.Ece, 12);
    }

    [Theory]
    [InlineData(1.0, true, 0, 0)]
    [InlineData(1.0, false, 1, 1)]
    [InlineData(0.5, true, 0.25, 0.5)]
    public void The_ends_of_the_scale_belong_to_it(double confidence, bool right, double brier, double error)
    {
        var calibration = new Calibration();
        calibration.Add(confidence, right);
        Assert.Equal((brier, error), (calibration.Brier, calibration.Ece));
    }

    /// <summary>Critical values of Kolmogorov's distribution, as tables print them.</summary>
    [Theory]
    [InlineData(1.2238, 0.10)]
    [InlineData(1.3581, 0.05)]
    [InlineData(1.6276, 0.01)]
    [InlineData(1.9495, 0.001)]
    public void Chances_are_those_of_the_tables(double x, double chance) => Assert.Equal(chance, Drift.Chance(x), chance / 100);

    [Fact]
    public void The_distance_of_two_samples_is_that_worked_out_by_hand()
    {
        var (distance, chance) = Drift.KolmogorovSmirnov([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        Assert.Equal(0.5, distance, 12);
        Assert.Equal(0.1109, chance, 3);
        Assert.Equal((0, 1), Drift.KolmogorovSmirnov([1, 1, 2], [1, 1, 2]));
        Assert.Equal(1, Drift.KolmogorovSmirnov([1, 2], [3, 4]).Distance);
    }

    [Fact]
    public void The_stability_index_is_that_worked_out_by_hand()
    {
        Assert.Equal((0.25 * Math.Log(2)) + (0.25 * Math.Log(1.5)), Drift.PsiOfShares([0.5, 0.5], [0.25, 0.75]), 12);
        Assert.Equal(0, Drift.PsiOfShares([0.3, 0.7], [0.3, 0.7]), 12);
    }

    [Fact]
    public void A_changed_distribution_drifts_an_equal_one_does_not_and_little_evidence_is_no_verdict()
    {
        var (same, moved) = (new Drift(), new Drift());
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            (same, moved) = (new Drift(), new Drift());
            for (var i = 0; i < Drift.Sample; i++)
            {
                same.Add(random.NextDouble());
                moved.Add(random.NextDouble());
            }

            Assert.Null(same.Judge());
            for (var i = 0; i < Drift.Sample; i++)
            {
                same.Add(random.NextDouble());
                moved.Add(Math.Sqrt(random.NextDouble()));
            }

            Assert.False(same.Judge()!.Value.Drifts, $"seed {seed}");
            Assert.True(moved.Judge()!.Value.Drifts, $"seed {seed}");
        }
    }

    [Fact]
    public void Scores_that_are_all_one_value_are_stable_until_they_are_another()
    {
        var drift = new Drift();
        for (var i = 0; i < 2 * Drift.Sample; i++)
        {
            drift.Add(0);
        }

        Assert.False(drift.Judge()!.Value.Drifts);
        for (var i = 0; i < Drift.Sample; i++)
        {
            drift.Add(1);
        }

        Assert.True(drift.Judge()!.Value.Drifts);
    }

    [Fact]
    public void A_quantile_is_at_most_a_tenth_off()
    {
        var latencies = new Latencies();
        Assert.Null(latencies.Quantile(0.5));
        for (var i = 1; i <= 1000; i++)
        {
            latencies.Add(TimeSpan.FromMilliseconds(i));
        }

        Assert.InRange(latencies.Quantile(0.5)!.Value, 450, 550);
        Assert.InRange(latencies.Quantile(0.99)!.Value, 891, 1089);
    }
}
