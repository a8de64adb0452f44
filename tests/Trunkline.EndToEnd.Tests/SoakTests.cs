using Trunkline.EndToEnd.Tests.Soak;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

public sealed class SoakTests
{
    [Fact]
    [Trait("speed", "slow")]
    public async Task A_node_under_load_and_mixed_faults_loses_doubles_and_reorders_nothing()
    {
        using var folder = new TemporaryFolder();
        var output = TestContext.Current.TestOutputHelper!;
        var verdict = await new SoakRun(new SoakOptions { Minutes = 0.5 }, output.WriteLine).RunAsync(folder.Path, TestContext.Current.CancellationToken);
        output.WriteLine(verdict.Text());
        Assert.True(verdict.Sound, verdict.Text());
        Assert.True(verdict.Acknowledged > 0 && verdict.Faults.Count > 0);
    }

    [Fact]
    [Trait("speed", "slow")]
    public async Task A_node_of_the_commit_before_is_replaced_by_this_one_under_load_and_nothing_is_lost()
    {
        var commit = await PreviousVersion.FindAsync("HEAD~1");
        Assert.SkipWhen(commit is null, "there is no commit before this one here (no git, or a shallow clone)");
        using var folder = new TemporaryFolder();
        var output = TestContext.Current.TestOutputHelper!;
        SoakVerdict verdict;
        try
        {
            verdict = await RollingCommand.ReplaceAsync(commit, folder.Path, output.WriteLine, TestContext.Current.CancellationToken);
        }
        catch (InvalidOperationException notBuilt)
        {
            Assert.Skip($"the commit before this one was not built: {notBuilt.Message[^Math.Min(500, notBuilt.Message.Length)..]}");
            return;
        }

        output.WriteLine(verdict.Text());
        Assert.True(verdict.Sound, verdict.Text());
        Assert.True(verdict.Acknowledged > 0);
    }

    [Fact]
    public void What_grows_is_told_from_what_stays_and_from_what_cannot_be_said()
    {
        static IReadOnlyList<(double, double)> Samples(int count, Func<int, double> value) => [.. Enumerable.Range(0, count).Select(i => (i / 10.0, value(i)))];
        Assert.True(Trend.Of(Samples(120, i => 100 + (i % 7)), 0.1, 5).Flat);
        Assert.False(Trend.Of(Samples(120, i => 100 + i), 0.1, 5).Flat);
        Assert.True(Trend.Of(Samples(120, i => 200 - i), 0.1, 5).Flat);
        Assert.Null(Trend.Of(Samples(10, i => 100 + i), 0.1, 5).Flat);
        Assert.Null(Trend.Of(Samples(40, i => 100 + i), 0.1, 5).Flat);
        Assert.Equal(10, Trend.Of(Samples(120, i => i), 0.1, 5).PerMinute, 6);
    }
}
