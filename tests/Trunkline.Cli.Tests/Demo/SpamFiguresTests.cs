using Trunkline.Cli.Demo;

namespace Trunkline.Cli.Tests.Demo;

public sealed class SpamFiguresTests
{
    [Fact]
    public void Precision_recall_and_curve_are_those_computed_by_hand()
    {
        var figures = SpamFigures.Of([(true, 0.9), (true, 0.6), (false, 0.7), (false, 0.1), (false, 0.6)], threshold: 0.65);

        Assert.Equal(0.5, figures.Precision);
        Assert.Equal(0.5, figures.Recall);
        Assert.Equal(0.5, figures.F1);
        Assert.Equal((3 + 1 + 0.5) / 6, figures.Auc, 10);
        Assert.Equal((2, 3), (figures.Spam, figures.Ham));
    }

    [Fact]
    public void Nothing_judged_gives_zeros_and_no_division_by_zero()
    {
        var figures = SpamFigures.Of([], 0.5);

        Assert.Equal((0, 0, 0, 0), (figures.Precision, figures.Recall, figures.F1, figures.Auc));
    }
}
