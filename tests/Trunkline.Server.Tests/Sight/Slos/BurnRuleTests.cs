using System.Text.Json;
using Trunkline.Core.Config;
using Trunkline.Server.Sight.Slos;
using Trunkline.Server.Tests.Schemas;

namespace Trunkline.Server.Tests.Sight.Slos;

public sealed class BurnRuleTests
{
    [Fact]
    public void Windows_and_factors_are_those_others_compute_for_30_and_28_days()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Vectors.Folder("openslo"), "burn-rate-reference.json")));
        var compared = 0;
        foreach (var set in file.RootElement.GetProperty("sets").EnumerateArray().Where(s => s.GetProperty("sloPeriodDays").GetInt32() is 28 or 30))
        {
            foreach (var (expected, rule) in set.GetProperty("windows").EnumerateArray().Zip(BurnRule.For(TimeSpan.FromDays(set.GetProperty("sloPeriodDays").GetInt32()))))
            {
                Assert.Equal(
                    (expected.GetProperty("long").GetString(), expected.GetProperty("short").GetString(), expected.GetProperty("severity").GetString() == "page"),
                    (DurationText.Format(rule.Long), DurationText.Format(rule.Short), rule.IsPage));
                Assert.Equal(expected.GetProperty("burnFactor").GetDouble(), rule.Factor, 0.0001);
                compared++;
            }
        }

        Assert.InRange(compared, 8, 100);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(14)]
    [InlineData(90)]
    [InlineData(366)]
    public void In_any_window_no_rule_fires_below_a_burn_of_one_and_the_first_costs_about_2_percent_of_the_budget(int days)
    {
        var window = TimeSpan.FromDays(days);
        var rules = BurnRule.For(window);
        Assert.All(rules, r => Assert.InRange(r.Factor, 1, 1000));
        Assert.All(rules, r => Assert.InRange(r.Short, TimeSpan.FromMinutes(1), r.Long));
        Assert.All(rules.Zip([0.02, 0.05, 0.1, 0.1]), r => Assert.Equal(r.Second, r.First.Factor * (r.First.Long / window), 0.005));
    }
}
