using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Api;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Tests.Releases;

/// <summary>Revisions and changes over HTTP, through the client.</summary>
public sealed class ReleaseApiTests : IAsyncLifetime
{
    private readonly ReleaseDesk _desk = new();
    private WebApplication _app = null!;
    private TrunklineClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var releases = await _desk.StartAsync("topics: { a: {} }");
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        builder.Services.AddSingleton(releases);
        _app = builder.Build();
        _app.UseMiddleware<ProblemMiddleware>();
        RevisionEndpoints.Map(_app);
        ChangeEndpoints.Map(_app);
        await _app.StartAsync(Cancel);
        _client = new TrunklineClient(new Uri(_app.Urls.First()));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        await _desk.DisposeAsync();
    }

    [Fact]
    public async Task A_project_is_planned_applied_listed_and_taken_back()
    {
        var plan = await _client.ApplyAsync(Request("topics: { a: {}, b: {} }") with { DryRun = true }, Cancel);
        Assert.Equal((1, null), (plan.From, plan.To));
        Assert.Equal(new PlanChange("add", "topic", "b", null), Assert.Single(plan.Changes));

        var done = await _client.ApplyAsync(Request("topics: { a: {}, b: {} }") with { ExpectedRevision = 1 }, Cancel);
        Assert.Equal((1, 2), (done.From, done.To));
        Assert.Empty((await _client.ApplyAsync(Request("topics: { a: {}, b: {} }"), Cancel)).Changes);

        var back = await _client.ActivateAsync(1, new ActivateRequest(), Cancel);
        Assert.Equal((2, 1), (back.From, back.To));
        var list = await _client.ListRevisionsAsync(Cancel);
        Assert.Equal(1, list.Current);
        Assert.Equal([(2, false, "local"), (1, true, "file")], list.Revisions.Select(r => (r.Number, r.Current, r.AppliedBy)));
    }

    [Fact]
    public async Task Faults_come_back_with_file_line_and_remedy()
    {
        var problem = await ProblemAsync(() => _client.ApplyAsync(Request("topics:\n  a: { partitons: 1, retention: 5 }"), Cancel));

        Assert.Equal((422, "config.faults"), (problem.Status, problem.Code));
        Assert.Equal(["config.unknown-key", "config.bad-duration"], problem.Faults!.Select(f => f.Code));
        Assert.All(problem.Faults!, f => Assert.Equal(("trunkline.yaml", 2), (f.File, f.Line)));
    }

    [Fact]
    public async Task What_speaks_against_a_revision_is_told_and_may_be_forced()
    {
        await _desk.PublishAsync("a", 2);

        var plan = await _client.ApplyAsync(Request("topics: { b: {} }") with { DryRun = true }, Cancel);
        Assert.Equal(("topic", "a", true), plan.Refusals.Select(r => (r.Kind, r.Name, r.CanForce)).Single());
        var problem = await ProblemAsync(() => _client.ApplyAsync(Request("topics: { b: {} }"), Cancel));
        Assert.Equal((409, "release.refused"), (problem.Status, problem.Code));
        Assert.Contains("2 unread messages", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(2, (await _client.ApplyAsync(Request("topics: { b: {} }") with { Force = true }, Cancel)).To);
    }

    [Fact]
    public async Task Unexpected_unknown_and_failing_revisions_are_problems()
    {
        Assert.Equal("release.conflict", (await ProblemAsync(() => _client.ApplyAsync(Request("topics: {}") with { ExpectedRevision = 7 }, Cancel))).Code);
        Assert.Equal("release.not-found", (await ProblemAsync(() => _client.ActivateAsync(99, new ActivateRequest(), Cancel))).Code);
        Assert.Equal("request.body-invalid", (await ProblemAsync(() => _client.ApplyAsync(Request("") with { Files = new Dictionary<string, string>() }, Cancel))).Code);
        _desk.ActivationFailure = new InvalidOperationException("no such model");
        Assert.Equal("release.failed", (await ProblemAsync(() => _client.ApplyAsync(Request("topics: { b: {}, a: {} }"), Cancel))).Code);
    }

    [Fact]
    public async Task Changes_from_outside_stand_beside_the_nodes_own()
    {
        var told = await _client.ReportChangeAsync(new ReportChangeRequest("deployment", "shop", "1.4", "1.5", "canary"), Cancel);

        var changes = await _client.ListChangesAsync(10, Cancel);
        Assert.Equal([("deployment", "shop"), ("apply", "project")], changes.Changes.Select(c => (c.What, c.Target)));
        Assert.Equal((told.Id, "local", "1.4", "1.5", "canary"), changes.Changes.Select(c => (c.Id, c.Who, c.From, c.To, c.Detail)).First());
        Assert.Equal("limit=1&before=1", (await _client.ListChangesAsync(1, Cancel)).Next);
    }

    [Theory]
    [InlineData("", "shop", null)]
    [InlineData("Deployment", "shop", null)]
    [InlineData("apply", "shop", null)]
    [InlineData("deployment", " ", null)]
    [InlineData("deployment", "a\nb", null)]
    [InlineData("deployment", "shop", "\u001b[31m")]
    public async Task A_change_that_breaks_the_rules_is_refused(string what, string target, string? detail) =>
        Assert.Equal("change.invalid", (await ProblemAsync(() => _client.ReportChangeAsync(new ReportChangeRequest(what, target, Detail: detail), Cancel))).Code);

    private static ApplyRequest Request(string text) => new() { Main = ReleaseDesk.Main, Files = new Dictionary<string, string> { [ReleaseDesk.Main] = text } };

    private static async Task<Problem> ProblemAsync<T>(Func<Task<T>> call) => (await Assert.ThrowsAsync<TrunklineException>(call)).Problem!;
}
