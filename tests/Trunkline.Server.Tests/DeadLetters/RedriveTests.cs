using System.Globalization;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.DeadLetters;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Redrives;
using Trunkline.Server.Tests.Flows;
using static Trunkline.Server.Tests.DeadLetters.RedriveFixture;

namespace Trunkline.Server.Tests.DeadLetters;

public sealed class RedriveTests
{
    [Fact]
    public async Task A_dead_letter_runs_again_as_it_was_once_however_often_it_is_asked()
    {
        await using var fixture = await StartAsync();
        fixture.Refuses = payload => payload == "a:1";
        await fixture.Inner.PublishAsync("in", "a:0", "a:1", "a:2");
        await fixture.DeadAsync(1);
        var letter = Assert.Single(await fixture.OpenAsync());
        Assert.Equal(("step.expression-failed", "map-1", 1), (letter.Cause, letter.Step, letter.Attempts));
        var source = (await fixture.Inner.ReadAsync("in")).Single(m => Encoding.UTF8.GetString(m.Message.Payload.Span) == "a:1");
        Assert.Equal(("in", source.Position), letter.OriginalPlace);

        // As long as the cause is there it fails again, and the newer dead letter takes the place of the older.
        Assert.Equal(RedriveResult.FailedAgain, await fixture.Desk.RedriveAsync(letter, null, "me", Cancel));
        await fixture.DeadAsync(1);
        Assert.NotEqual(letter.Place, Assert.Single(await fixture.OpenAsync()).Place);

        fixture.Refuses = _ => false;
        var newer = Assert.Single(await fixture.OpenAsync());
        Assert.Equal(RedriveResult.Redriven, await fixture.Desk.RedriveAsync(newer, null, "me", Cancel));
        Assert.Equal(RedriveResult.AlreadyDone, await fixture.Desk.RedriveAsync(newer, null, "me", Cancel));
        Assert.Equal(RedriveResult.AlreadyDone, await fixture.Desk.RedriveAsync((await fixture.Desk.Store.FindAsync("f", letter.Place, Cancel))!, null, "me", Cancel));
        Assert.Equal(["a:0", "a:2", "a:1"], await fixture.OutAsync());
        Assert.Empty(await fixture.OpenAsync());
        Assert.Equal(["redrive", "redrive"], (await fixture.ChangesAsync()).Select(c => c.What));
    }

    [Fact]
    public async Task The_message_that_runs_again_is_the_original_to_the_last_header()
    {
        await using var fixture = await StartAsync();
        fixture.Refuses = _ => true;
        var original = new Message
        {
            Id = new MessageId("id-1"),
            Source = "shop",
            Key = MessageKey.FromText("k"),
            ContentType = "text/plain",
            Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Headers = Headers.Of(new Header("tl-flow", "earlier"), new Header("tl-position", "x/1/2"), new Header("tl-original.tl-flow", "odd"), new Header("mine", "1")),
            Payload = new byte[] { 0, 255, 1 },
        };
        await fixture.Inner.Broker.AppendAsync(new Messaging.Brokers.TopicAppend { Topic = "in", Messages = [original] }, Cancel);
        await fixture.DeadAsync(1);
        var order = Assert.Single(await fixture.OpenAsync()).Order(null);
        var restored = order.Message.Message;
        Assert.Equal(original.Headers.Select(h => (h.Name, h.Text)), restored.Headers.Select(h => (h.Name, h.Text)));
        Assert.Equal((original.Id, original.Source, original.Key, original.ContentType, original.Time), (restored.Id, restored.Source, restored.Key, restored.ContentType, restored.Time));
        Assert.Equal(original.Payload.ToArray(), restored.Payload.ToArray());
        Assert.Equal((await fixture.Inner.ReadAsync("in"))[0].AppendedAt, order.Message.AppendedAt);
    }

    [Fact]
    public async Task An_edited_payload_runs_in_its_place_and_the_original_is_kept()
    {
        await using var fixture = await StartAsync();
        fixture.Refuses = payload => payload.Contains("bad", StringComparison.Ordinal);
        await fixture.Inner.PublishAsync("in", "a:bad");
        await fixture.DeadAsync(1);
        var letter = Assert.Single(await fixture.OpenAsync());
        Assert.Equal(RedriveResult.Redriven, await fixture.Desk.RedriveAsync(letter, new EditedPayload("a:good"u8.ToArray(), "text/plain"), "me", Cancel));
        Assert.Equal(["a:good"], await fixture.OutAsync());
        var kept = (await fixture.Desk.Store.FindAsync("f", letter.Place, Cancel))!;
        Assert.Equal((LetterDeed.Edited, "a:bad"), (kept.Mark!.Value.Deed, Encoding.UTF8.GetString(kept.Stored.Message.Payload.Span)));
        Assert.Equal("edit-and-redrive", Assert.Single(await fixture.ChangesAsync()).What);
    }

    [Fact]
    public async Task Redriving_what_a_parked_key_waits_for_releases_the_key_in_order_and_dropping_it_releases_it_without()
    {
        await using var fixture = await StartAsync(FailurePolicy.ParkKey);
        fixture.Refuses = payload => payload is "a:0" or "a:2";
        await fixture.Inner.PublishAsync("in", "a:0", "a:1", "a:2", "a:3");
        await Eventually.HoldsAsync(() => fixture.Flows.ParkedKeys("f", 10) is [{ Waiting: 4 }], "all wait");
        fixture.Refuses = payload => payload == "a:2";
        Assert.Equal(RedriveResult.Redriven, await fixture.Desk.RedriveAsync(Assert.Single(await fixture.OpenAsync()), null, "me", Cancel));
        Assert.Equal(["a:0", "a:1"], await fixture.OutAsync());

        // The third is the one waited for now.
        await fixture.DeadAsync(1);
        Assert.True(await fixture.Desk.DropAsync(Assert.Single(await fixture.OpenAsync()), "me", Cancel));
        Assert.Equal(["a:0", "a:1", "a:3"], await fixture.OutAsync());
        Assert.Empty(fixture.Flows.ParkedKeys("f", 10));
        Assert.Empty(await fixture.OpenAsync());
    }

    [Fact]
    public async Task A_redriven_message_whose_key_is_parked_waits_in_line()
    {
        await using var fixture = await StartAsync(FailurePolicy.ParkKey);
        fixture.Refuses = payload => payload is "a:0" or "a:1";
        await fixture.Inner.PublishAsync("in", "a:0", "a:1", "a:2");
        await Eventually.HoldsAsync(() => fixture.Flows.ParkedKeys("f", 10) is [{ Waiting: 3 }], "all wait");

        // Left out, its dead letter stays, and the next one fails: the key is parked for that.
        Assert.Equal(KeyReleaseResult.FailedAgain, await fixture.Desk.ReleaseAsync("f", MessageKey.FromText("a"), true, "me", Cancel));
        await fixture.DeadAsync(2);
        fixture.Refuses = _ => false;
        var first = (await fixture.OpenAsync()).Single(l => Encoding.UTF8.GetString(l.Stored.Message.Payload.Span) == "a:0");
        Assert.Equal(RedriveResult.Parked, await fixture.Desk.RedriveAsync(first, null, "me", Cancel));
        Assert.Equal(KeyReleaseResult.Released, await fixture.Desk.ReleaseAsync("f", MessageKey.FromText("a"), false, "me", Cancel));
        Assert.Equal(["a:1", "a:2", "a:0"], await fixture.OutAsync());
        Assert.Empty(await fixture.OpenAsync());
    }

    [Fact]
    public async Task A_redrive_by_filter_takes_all_that_fit_in_order_per_key_and_nothing_twice_also_when_it_is_cut_short()
    {
        await using var fixture = await StartAsync();
        fixture.Refuses = _ => true;
        await fixture.PublishManyAsync(3_000, 30);
        await fixture.DeadAsync(3_000);
        fixture.Refuses = _ => false;
        var jobs = await fixture.OpenJobsAsync();
        var job = (await jobs.BeginAsync("f", new DeadLetterFilter { Cause = "step.expression-failed" }, 4_000, "me", Cancel))!;
        Assert.Null(await jobs.BeginAsync("f", new DeadLetterFilter(), null, "me", Cancel));
        await Eventually.HoldsAsync(() => jobs.Find(job.Id)!.Redriven > 100, "it is at work");
        await jobs.DisposeAsync();
        Assert.InRange((await fixture.OutAsync()).Count, 100, 2_999);

        await using var again = await fixture.OpenJobsAsync();
        await EndedAsync(again, job.Id);
        var ended = again.Find(job.Id)!;
        Assert.Equal((RedriveJobState.Done, 0L), (ended.State, ended.FailedAgain));
        Assert.InRange(ended.Redriven, 1, 3_000);
        Assert.Empty(await fixture.OpenAsync());
        var next = new Dictionary<string, int>();
        foreach (var payload in await fixture.OutAsync())
        {
            var parts = payload.Split(':');
            Assert.Equal(next.GetValueOrDefault(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture));
            next[parts[0]] = next.GetValueOrDefault(parts[0]) + 1;
        }

        Assert.All(next.Values, count => Assert.Equal(100, count));
        Assert.Equal(["redrive-ended", "redrive"], (await fixture.ChangesAsync()).Select(c => c.What));
    }

    [Fact]
    public async Task What_fails_again_during_a_redrive_is_not_taken_again_by_it_and_a_paused_flow_gets_nothing()
    {
        await using var fixture = await StartAsync();
        fixture.Refuses = _ => true;
        await fixture.PublishManyAsync(200, 10);
        await fixture.DeadAsync(200);
        await fixture.Flows.PauseAsync("f", Cancel);
        await using var jobs = await fixture.OpenJobsAsync();
        var job = (await jobs.BeginAsync("f", new DeadLetterFilter(), null, "me", Cancel))!;
        Assert.Equal((RedriveJobState.Running, 0L), (jobs.Find(job.Id)!.State, jobs.Find(job.Id)!.FailedAgain));
        await fixture.Flows.ResumeAsync("f", Cancel);
        await EndedAsync(jobs, job.Id);
        Assert.Equal((RedriveJobState.Done, 200L), (jobs.Find(job.Id)!.State, jobs.Find(job.Id)!.FailedAgain));
        Assert.Equal(200, (await fixture.OpenAsync()).Count);
    }

    [Fact]
    public async Task A_redrive_can_be_cancelled_and_drops_take_what_fits()
    {
        await using var fixture = await StartAsync();
        fixture.Refuses = _ => true;
        await fixture.PublishManyAsync(500, 5);
        await fixture.DeadAsync(500);
        fixture.Refuses = _ => false;
        await using var jobs = await fixture.OpenJobsAsync();
        var job = (await jobs.BeginAsync("f", new DeadLetterFilter(), 1, "me", Cancel))!;
        Assert.True(await jobs.CancelAsync(job.Id));
        Assert.Equal(RedriveJobState.Cancelled, jobs.Find(job.Id)!.State);
        Assert.False(await jobs.CancelAsync(job.Id));

        var open = (await fixture.OpenAsync()).Count;
        var ofKey = (await fixture.OpenAsync()).Count(l => l.Stored.Message.Key == MessageKey.FromText("k3"));
        Assert.Equal(ofKey, await fixture.Desk.DropAsync("f", new DeadLetterFilter { Key = "k3" }, LetterDeed.Dropped, "me", Cancel));
        Assert.Equal(0, await fixture.Desk.DropAsync("f", new DeadLetterFilter { Cause = "other" }, LetterDeed.Dropped, "me", Cancel));
        Assert.Equal(0, await fixture.Desk.DropAsync("f", new DeadLetterFilter { Until = DateTimeOffset.UnixEpoch }, LetterDeed.Expired, "me", Cancel));
        Assert.Equal(open - ofKey, await fixture.Desk.DropAsync("f", new DeadLetterFilter(), LetterDeed.Expired, "me", Cancel));
        Assert.Equal(0, await fixture.Desk.Store.CountOpenAsync("f", Cancel));
        Assert.Contains("expire", (await fixture.ChangesAsync()).Select(c => c.What));
    }

    [Fact]
    public async Task Open_dead_letters_are_grouped_by_cause()
    {
        await using var fixture = await StartAsync();
        fixture.Refuses = payload => payload.StartsWith('a');
        await fixture.Inner.PublishAsync("in", "a:0", "a:1", "b:0");
        await fixture.DeadAsync(2);
        var group = Assert.Single(await DeadLetterGrouping.OfAsync(fixture.Desk.Store.ReadAsync("f", Cancel), new DeadLetterFilter(), Cancel));
        Assert.Equal(("f", "step.expression-failed", "map-1", 2L), (group.Flow, group.Cause, group.Step, group.Count));
        Assert.True(group.First <= group.Last);
        Assert.Empty(await DeadLetterGrouping.OfAsync(fixture.Desk.Store.ReadAsync("f", Cancel), new DeadLetterFilter { Step = "other" }, Cancel));
    }
}
