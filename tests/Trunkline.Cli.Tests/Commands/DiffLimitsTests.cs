using Trunkline.Cli.Commands;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Tests.Commands;

public sealed class DiffLimitsTests
{
    [Fact]
    public void What_cannot_be_told_counts_and_what_the_incumbent_does_to_itself_does_not()
    {
        var flow = new ComparisonView("triage", 95, 6, 4, 5, [], false) { NoiseMoved = 5, NoiseAltered = 4 };

        Assert.Empty(new DiffLimits(0.06, 0.05, null).Exceeded([flow]));
        Assert.Equal(["--max-moved 5%: 1 of 100 would go elsewhere and 5 cannot be told"], new DiffLimits(0.05, null, null).Exceeded([flow]));
        Assert.Equal(["--max-altered 1%: 0 of 100 would arrive changed and 5 cannot be told"], new DiffLimits(null, 0.01, null).Exceeded([flow]));
    }

    [Fact]
    public void A_model_is_too_slow_beyond_the_limit_or_when_its_new_version_cannot_be_told()
    {
        var flow = new ComparisonView("reply", 40, 0, 0, 0, [], false)
        {
            Latency =
            [
                new LatencyDiffView("model", "slow", ComparisonVerdicts.Slower, "measured", 40) { Ratio = 1.3 },
                new LatencyDiffView("model", "new", ComparisonVerdicts.NotEnoughEvidence, "recorded", 0) { VersionBefore = "a", VersionAfter = "b" },
                new LatencyDiffView("model", "rare", ComparisonVerdicts.NotEnoughEvidence, "recorded", 3) { VersionBefore = "a", VersionAfter = "a" },
                new LatencyDiffView("step", "map-1", ComparisonVerdicts.Slower, "measured", 40) { Ratio = 9 },
            ],
        };

        Assert.Equal(
            ["--max-slower 20%: model slow of reply is slower by 30%", "--max-slower 20%: of model new of reply it cannot be told"],
            new DiffLimits(null, null, 0.2).Exceeded([flow]));
        Assert.Equal(["--max-slower 50%: of model new of reply it cannot be told"], new DiffLimits(null, null, 0.5).Exceeded([flow]));
    }
}
