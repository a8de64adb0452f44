using CsCheck;
using Trunkline.Server.Sight.CriticalPaths;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>Who waits how long, by hand and against what must hold for any queue.</summary>
public sealed class QueueReplayTests
{
    [Fact]
    public void One_after_the_other_on_one_lane_as_by_hand() =>
        Assert.Equal([0, 5, 10, 0], Waits([Job(0, 0, 10), Job(1, 5, 10), Job(2, 10, 10), Job(3, 100, 1)]));

    [Fact]
    public void On_one_lane_it_is_what_was_left_of_the_work_before() => Gen.Select(Gen.Long[0, 20], Gen.Long[1, 30]).Array[1, 50].Sample(drafts =>
    {
        var jobs = Draw(drafts, 1);
        var waits = Waits(jobs);

        // Lindley's recursion.
        for (var i = 1; i < waits.Count; i++)
        {
            Assert.Equal(Math.Max(0, waits[i - 1] + jobs[i - 1].Pieces[0].Length - (jobs[i].Came - jobs[i - 1].Came)), waits[i]);
        }
    });

    [Fact]
    public void More_lanes_let_nobody_wait_longer_and_enough_let_nobody_wait() => Gen.Select(Gen.Long[0, 20], Gen.Long[1, 30]).Array[1, 30].Sample(drafts =>
    {
        var waits = Waits(Draw(drafts, 1));
        for (var lanes = 2; lanes <= drafts.Length; lanes++)
        {
            var fewer = Waits(Draw(drafts, lanes));
            Assert.All(fewer.Zip(waits), w => Assert.True(w.First <= w.Second));
            waits = fewer;
        }

        Assert.True(drafts.Length == 1 || waits.All(w => w == 0));
    });

    [Fact]
    public void Those_of_a_key_go_one_after_the_other_and_others_pass_them() =>
        Assert.Equal([0, 9, 0, 18], Waits([Job(0, 0, 10, 2, 7), Job(1, 1, 10, 2, 7), Job(2, 2, 5, 2, 8), Job(3, 2, 1, 2, 7)]));

    [Fact]
    public void Those_of_a_key_are_never_worked_on_at_once() => Gen.Select(Gen.Long[0, 9], Gen.Long[1, 30], Gen.Int[0, 3]).Array[1, 40].Sample(drafts =>
    {
        var jobs = drafts.Select((d, i) => Job(i, drafts.Take(i + 1).Sum(b => b.Item1), d.Item2, 3, d.Item3)).ToList();
        var waits = Waits(jobs);
        foreach (var key in jobs.Select((j, i) => (Job: j, Began: j.Came + waits[i])).GroupBy(j => j.Job.Key))
        {
            Assert.All(key.Zip(key.Skip(1)), pair => Assert.True(pair.First.Began + pair.First.Job.Pieces[0].Length <= pair.Second.Began));
        }
    });

    [Fact]
    public void Work_that_waits_for_nothing_keeps_its_whole_group() =>
        Assert.Equal([0, 10, 15], Waits([Job(0, 0, 10, 4) with { Waits = false }, Job(1, 0, 5, 4) with { Waits = false }, Job(2, 0, 5, 4)]));

    [Fact]
    public void A_model_answers_as_many_as_it_has_room_for_and_is_freed_between_two_questions()
    {
        List<QueuePiece> asks = [new("step", 2, null, false), new("wait.model.m", 99, "m", true), new("model.m", 10, "m", false), new("model.m", 10, "m", false), new("step", 1, null, false)];
        var jobs = Enumerable.Range(0, 3).Select(i => Job(i, 0, 0, 8) with { Pieces = asks }).ToList();
        var waits = QueueReplay.Of(jobs, _ => 1, _ => 1);
        Assert.Equal([[0], [20], [40]], jobs.Select(j => waits[j.Try].Rooms));
        Assert.Equal([[0], [10], [20]], jobs.Select(j => QueueReplay.Of(jobs, _ => 1, owner => owner == "model.m" ? 0.5 : 1)[j.Try].Rooms));

        // Where the room is not known the wait stays as it was.
        Assert.Equal([[99], [99], [99]], jobs.Select(j => QueueReplay.Of(jobs, _ => null, _ => 1)[j.Try].Rooms));
    }

    [Fact]
    public void Between_two_tries_the_key_stays_taken_and_the_lane_does_not()
    {
        var first = Job(0, 0, 10, 1, 7);
        first.Next = (Job(9, 0, 10, 1, 7), 50);
        var waits = QueueReplay.Of([first, Job(1, 1, 5, 1, 7), Job(2, 2, 5, 1, 8)], _ => null, _ => 1);
        Assert.Equal([0, 69, 8, 0], new[] { 0, 1, 2, 9 }.Select(i => waits[KeyOf(i)].Wait));
    }

    private static List<QueueJob> Draw((long After, long Takes)[] drafts, int lanes) => [.. drafts.Select((d, i) => Job(i, drafts.Take(i + 1).Sum(b => b.After), d.Takes, lanes))];

    private static List<long> Waits(IReadOnlyList<QueueJob> jobs)
    {
        var waits = QueueReplay.Of(jobs, _ => null, _ => 1);
        return [.. jobs.Select(j => waits[j.Try].Wait)];
    }

    private static QueueJob Job(int number, long came, long takes, int lanes = 1, int? key = null) =>
        new(KeyOf(number), ("f", null, 0), lanes, key, came) { Waits = true, Pieces = [new("step.work", takes, null, false)] };

    private static TryKey KeyOf(int number) => new("f", null, 0, number, 0);
}
