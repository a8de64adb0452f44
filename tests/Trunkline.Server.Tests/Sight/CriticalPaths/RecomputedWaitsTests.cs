using Trunkline.Client.Api;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.CriticalPaths;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>Against reality: what another time of a stage is said to bring, waits and all, and what a real flow then does.</summary>
[Collection(nameof(WhatIfRealityTests))]
[Trait("speed", "slow")]
public sealed class RecomputedWaitsTests
{
    private const int Messages = 2000;

    /// <summary>The stage takes 100 ms on average, so two lanes do 20 a second.</summary>
    public static TheoryData<string, double> Loads => new()
    {
        { "idle", 0.5 },
        { "60 % busy", 0.5 },
        { "85 % busy", 0.5 },
        { "idle", 2.0 },
        { "40 % busy", 2.0 },
        { "60 % busy, six keys", 0.5 },
        { "no room at the model", 0.5 },
        { "85 % busy, a fifth of the traces", 0.5 },
    };

    [Theory]
    [MemberData(nameof(Loads))]
    public async Task What_is_predicted_comes(string name, double factor)
    {
        var load = LoadOf(name);
        var before = await ClockedRun.OfAsync(load, 1);
        var answer = Answer(before, load, factor);
        var after = await ClockedRun.OfAsync(load with { Sampled = 100 }, factor);
        Assert.Null(answer.NotRecomputed);
        foreach (var said in answer.Quantiles)
        {
            var came = after.Quantile(said.Quantile);
            var told = $"{name}: p{said.Quantile * 100:0} was {said.BeforeMs}, waits as they were {said.AfterMs} ± {said.PlusMinusMs}, recomputed {said.RecomputedMs} ± {said.RecomputedPlusMinusMs}; {came} came";
            TestContext.Current.TestOutputHelper!.WriteLine(told);

            // Which traces a sample keeps is chance, and what is known of fewer ways is known less well.
            Assert.True(said.RecomputedPlusMinusMs <= (load.Sampled < 100 ? 0.2 : 0.15) * said.RecomputedMs, told);
            Assert.True(Math.Abs(came - said.RecomputedMs!.Value) <= said.RecomputedPlusMinusMs + 1, told);
        }
    }

    [Fact]
    public async Task Where_the_replay_does_not_give_what_was_measured_no_figure_is_given_but_why()
    {
        var load = new ClockedLoad(300, 2, 59);
        var seen = await ClockedRun.OfAsync(load, 1);

        // As if this flow had waited for something nobody told of: its lanes were more than it used.
        var wider = seen.Tries.Select(k => k with { Tries = [.. k.Tries.Select(t => t with { Lane = t.Lane with { Lanes = 8 } })] }).ToList();
        var answer = Answer(seen with { Tries = wider }, load, 0.5);
        Assert.Contains("replayed with the times as they were, p50 is", answer.NotRecomputed, StringComparison.Ordinal);
        Assert.All(answer.Quantiles, q => Assert.True(q.RecomputedMs is null && q.AfterMs < q.BeforeMs));

        // As if every tenth had failed once, and came again a second later.
        var again = seen.Tries.Select(k => k with { Tries = [.. k.Tries.SelectMany((t, i) => i % 10 == 0 ? [t, Later(t)] : new[] { t }).OrderBy(t => t.Ended)] }).ToList();
        Assert.StartsWith("10 % of the messages were tried again", Answer(seen with { Tries = again }, load, 0.5).NotRecomputed, StringComparison.Ordinal);
        Assert.Contains("only 0 of these messages", Answer(seen with { Tries = [] }, load, 0.5).NotRecomputed, StringComparison.Ordinal);
    }

    [Fact]
    public void Tries_are_bounded_for_each_and_in_all_and_it_is_known_from_when_on_none_is_missing()
    {
        var book = new TryBook();
        for (var i = 1; i <= TryBook.EachMax + 5; i++)
        {
            book.Note(Tried("busy", i));
        }

        book.Note(Tried("quiet", 3));
        var (busy, quiet) = (book.Read().Single(k => k.Flow == "busy"), book.Read().Single(k => k.Flow == "quiet"));
        Assert.Equal((TryBook.EachMax, 5, 1, 0), (busy.Tries.Count, busy.Since, quiet.Tries.Count, quiet.Since));
        for (var i = 0; i < TryBook.ConsumersMax; i++)
        {
            book.Note(Tried($"f{i}", 10_000 + i));
        }

        Assert.Equal(TryBook.ConsumersMax, book.Read().Count);
        Assert.DoesNotContain(book.Read(), k => k.Flow == "quiet");
    }

    private static TryTimes Later(TryTimes tried) => tried with { Began = tried.Ended + TimeSpan.TicksPerSecond, Ended = tried.Ended + (2 * TimeSpan.TicksPerSecond) };

    private static TryTimes Tried(string flow, long ended) => new(flow, null, "in", default, default) { Key = null, Came = 0, Began = 0, Ended = ended };

    private static ClockedLoad LoadOf(string name) => name switch
    {
        "idle" => new ClockedLoad(Messages, 2, 1000),
        "40 % busy" => new ClockedLoad(Messages, 2, 125),
        "60 % busy" => new ClockedLoad(Messages, 2, 83),
        "85 % busy" => new ClockedLoad(Messages, 2, 59),
        "60 % busy, six keys" => new ClockedLoad(Messages, 8, 83) { Keys = 6 },
        "no room at the model" => new ClockedLoad(Messages, 16, 83) { Room = 2 },
        "85 % busy, a fifth of the traces" => new ClockedLoad(4 * Messages, 2, 59) { Sampled = 20 },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    private static WhatIfView Answer(FlowRunSeen seen, ClockedLoad load, double factor) =>
        PathReport.Answer(seen.Ways, new RecomputedWaits("f", seen.Ways, seen.Tries, _ => load.Room), load.Owner, factor);
}
