using Trunkline.Messaging.Brokers;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Tests.Releases;

public sealed class ProjectReleasesTests : IAsyncDisposable
{
    private const string First = "topics: { a: {} }";
    private const string Second = "topics: { a: {}, b: {} }";
    private const string Third = "topics: { a: {}, b: {}, c: {} }";
    private static readonly ReleaseRequest Me = new("me");

    private readonly ReleaseDesk _desk = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task An_apply_puts_a_revision_to_work_and_writes_who_what_from_and_to()
    {
        using var releases = await _desk.StartAsync(First);

        var done = Assert.IsType<ReleaseOutcome.Done>(await releases.ApplyAsync(ReleaseDesk.Files(Second), Me, Token));

        Assert.Equal((1, 2), (done.From, done.To));
        Assert.Equal([1, 2], _desk.Activated.Select(a => a.Revision));
        Assert.Equal(["a", "b"], _desk.Activated[1].Project.Topics.Keys);
        Assert.Equal((2, 2), (releases.Current, releases.Revisions.Count));
        var changes = (await releases.Changes.ReadAsync(10, null, Token)).Changes;
        Assert.Equal([("me", "apply", "1", "2"), ("file", "apply", null, "1")], changes.Select(c => (c.Who, c.What, c.From, c.To)));
        Assert.Equal("+ topic b", changes[0].Detail);
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        using var releases = await _desk.StartAsync(First);

        var planned = Assert.IsType<ReleaseOutcome.Planned>(await releases.ApplyAsync(ReleaseDesk.Files(Second), Me with { DryRun = true }, Token));

        Assert.Equal("+ topic b", Assert.Single(planned.Plan.Entries).ToString());
        Assert.Equal((1, 1), (releases.Current, releases.Revisions.Count));
        Assert.Single(_desk.Activated);
    }

    [Fact]
    public async Task Faults_refusals_conflicts_and_equal_content_change_nothing()
    {
        using var releases = await _desk.StartAsync(First);
        await _desk.PublishAsync("a", 1);

        var faulty = Assert.IsType<ReleaseOutcome.Faulty>(await releases.ApplyAsync(ReleaseDesk.Files("topics: { a: { partitons: 1 } }"), Me, Token));
        Assert.Equal("config.unknown-key", Assert.Single(faulty.Faults).Code);
        Assert.IsType<ReleaseOutcome.Refused>(await releases.ApplyAsync(ReleaseDesk.Files("topics: { b: {} }"), Me, Token));
        Assert.Equal(1, Assert.IsType<ReleaseOutcome.Conflict>(await releases.ApplyAsync(ReleaseDesk.Files(Second), Me with { Expected = 7 }, Token)).Current);
        Assert.IsType<ReleaseOutcome.Unchanged>(await releases.ApplyAsync(ReleaseDesk.Files("# same\n" + First), Me, Token));
        Assert.IsType<ReleaseOutcome.NotFound>(await releases.ActivateAsync(9, Me, Token));

        Assert.Equal((1, 1), (releases.Current, releases.Revisions.Count));
        Assert.Single((await releases.Changes.ReadAsync(10, null, Token)).Changes);
        Assert.IsType<ReleaseOutcome.Done>(await releases.ApplyAsync(ReleaseDesk.Files("topics: { b: {} }"), Me with { Force = true }, Token));
    }

    [Fact]
    public async Task Going_back_activates_the_older_revision_under_its_own_number()
    {
        using var releases = await _desk.StartAsync(First);
        await releases.ApplyAsync(ReleaseDesk.Files(Second), Me, Token);

        var done = Assert.IsType<ReleaseOutcome.Done>(await releases.ActivateAsync(1, Me, Token));

        Assert.Equal((2, 1, 1), (done.From, done.To, releases.Current));
        Assert.Equal([1, 2, 1], _desk.Activated.Select(a => a.Revision));
        Assert.Equal(["a"], releases.Running.Topics.Keys);
        Assert.Equal(("activate", "2", "1"), (await releases.Changes.ReadAsync(1, null, Token)).Changes.Select(c => (c.What, c.From, c.To)).Single());
        Assert.Equal(3, Assert.IsType<ReleaseOutcome.Done>(await releases.ApplyAsync(ReleaseDesk.Files(Third), Me, Token)).To);
    }

    [Fact]
    public async Task A_revision_that_fails_to_start_leaves_the_older_one_and_its_number_is_not_used_again()
    {
        using var releases = await _desk.StartAsync(First);
        _desk.ActivationFailure = new InvalidOperationException("the model file is damaged");

        var failed = Assert.IsType<ReleaseOutcome.Failed>(await releases.ApplyAsync(ReleaseDesk.Files(Second), Me, Token));

        Assert.Equal("the model file is damaged", failed.Reason);
        Assert.Equal(1, releases.Current);
        Assert.Equal(["a"], releases.Running.Topics.Keys);
        Assert.Single((await releases.Changes.ReadAsync(10, null, Token)).Changes);
        _desk.ActivationFailure = null;
        Assert.Equal(3, Assert.IsType<ReleaseOutcome.Done>(await releases.ApplyAsync(ReleaseDesk.Files(Third), Me, Token)).To);
    }

    [Fact]
    public async Task A_revision_that_cannot_be_recorded_is_taken_back()
    {
        using var releases = await _desk.StartAsync(First);
        _desk.AfterActivation = () => _desk.Activated.Count == 2 ? _desk.Broker.DeleteTopicAsync(ChangeLog.TopicName, Token).AsTask() : Task.CompletedTask;

        await Assert.ThrowsAsync<BrokerException>(() => releases.ApplyAsync(ReleaseDesk.Files(Second), Me, Token));

        Assert.Equal([1, 2, 1], _desk.Activated.Select(a => a.Revision));
        Assert.Equal(1, releases.Current);
    }

    [Fact]
    public async Task A_restart_finds_revisions_pointer_and_changes_again()
    {
        (await _desk.StartAsync(First)).Dispose();
        _desk.Activated.Clear();

        using var releases = await _desk.StartAsync(First);

        Assert.Equal([1], _desk.Activated.Select(a => a.Revision));
        Assert.Equal((1, 1), (releases.Current, releases.Revisions.Count));
        Assert.Single((await releases.Changes.ReadAsync(10, null, Token)).Changes);
    }

    [Fact]
    public async Task What_was_applied_survives_a_restart_with_the_same_file()
    {
        using (var before = await _desk.StartAsync(First))
        {
            await before.ApplyAsync(ReleaseDesk.Files(Second), Me, Token);
        }

        using var releases = await _desk.StartAsync(First);

        Assert.Equal(2, releases.Current);
        Assert.Equal(["a", "b"], releases.Running.Topics.Keys);
        Assert.Equal(2, releases.Revisions.Count);
    }

    [Fact]
    public async Task A_file_that_changed_takes_effect_at_the_next_start()
    {
        using (var before = await _desk.StartAsync(First))
        {
            await before.ApplyAsync(ReleaseDesk.Files(Second), Me, Token);
        }

        using var releases = await _desk.StartAsync(Third);

        Assert.Equal(3, releases.Current);
        var change = (await releases.Changes.ReadAsync(1, null, Token)).Changes.Single();
        Assert.Equal(("file", "2", "3", "+ topic c"), (change.Who, change.From, change.To, change.Detail));
    }

    [Fact]
    public async Task An_older_revision_whose_content_changed_meanwhile_comes_back_only_by_force_and_as_a_new_one()
    {
        const string Model = "models: { m: { kind: mlnet, path: m.zip } }";
        _desk.FileHashes["/srv/project/m.zip"] = "one";
        using var releases = await _desk.StartAsync(Model);
        await releases.ApplyAsync(ReleaseDesk.Files(First), Me, Token);
        _desk.FileHashes["/srv/project/m.zip"] = "two";

        var refused = Assert.IsType<ReleaseOutcome.Refused>(await releases.ActivateAsync(1, Me, Token));
        Assert.Equal("revision", Assert.Single(refused.Plan.Refusals).Kind);
        Assert.Equal(3, Assert.IsType<ReleaseOutcome.Done>(await releases.ActivateAsync(1, Me with { Force = true }, Token)).To);
    }

    [Fact]
    public async Task A_project_made_in_code_is_a_revision_that_only_its_host_can_bring_back()
    {
        using var releases = await _desk.OpenAsync();
        Assert.IsType<ReleaseOutcome.Done>(await releases.StartAsync(_desk.Load(ReleaseDesk.Files(First)).Config!, null, Token));
        await releases.ApplyAsync(ReleaseDesk.Files(Second), Me, Token);

        Assert.IsType<ReleaseOutcome.MadeInCode>(await releases.ActivateAsync(1, Me, Token));
    }

    [Fact]
    public async Task Changes_are_read_newest_first_in_pages()
    {
        using var releases = await _desk.StartAsync(First);
        for (var i = 0; i < 5; i++)
        {
            await releases.Changes.WriteAsync(releases.Changes.Entry("ci", "deployment", $"shop-{i}", (null, null), null), Token);
        }

        var page = await releases.Changes.ReadAsync(4, null, Token);
        Assert.Equal(["shop-4", "shop-3", "shop-2", "shop-1"], page.Changes.Select(c => c.Target));
        var rest = await releases.Changes.ReadAsync(4, page.Before, Token);
        Assert.Equal(["shop-0", "project"], rest.Changes.Select(c => c.Target));
        Assert.Null(rest.Before);
    }

    [Fact]
    public async Task Two_applies_at_once_are_two_revisions_one_after_the_other()
    {
        using var releases = await _desk.StartAsync(First);

        var outcomes = await Task.WhenAll(
            releases.ApplyAsync(ReleaseDesk.Files(Second), Me, Token), releases.ApplyAsync(ReleaseDesk.Files(Third), Me, Token));

        Assert.Equal([(1, 2), (2, 3)], outcomes.Cast<ReleaseOutcome.Done>().Select(o => (o.From, o.To)).Order());
        Assert.Equal(3, releases.Current);
    }
}
