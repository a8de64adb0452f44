using Trunkline.Cli.Demo;

namespace Trunkline.Cli.Tests.Demo;

public sealed class FoldsTests
{
    [Fact]
    public void Mails_tied_through_others_fall_together()
    {
        for (var round = 0; round < 50; round++)
        {
            var folds = Folds.Assign([Mail($"a{round}", "1"), Mail($"b{round}", "2"), Mail($"c{round}", "3", "2"), Mail($"d{round}", "1", "3"), Mail($"e{round}", "4")]);

            Assert.Single(folds.Take(4).Distinct());
        }
    }

    [Fact]
    public void Untied_mails_are_spread_over_all_parts_about_evenly()
    {
        var folds = Folds.Assign([.. Enumerable.Range(0, 5000).Select(i => Mail($"mail-{i}", $"id-{i}"))]);

        Assert.All(folds.CountBy(fold => fold), part => Assert.InRange(part.Value, 850, 1150));
        Assert.Equal(Folds.Count, folds.Distinct().Count());
    }

    private static CorpusText Mail(string name, params string[] ties) => new(new CorpusMail(name, name, false), name, "", ties);
}
