using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Client.Api;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Inference;
using Trunkline.Server.Releases.Comparison;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Inference;
using Trunkline.Server.Tests.Steps;

namespace Trunkline.Server.Tests.Releases.Comparison;

public sealed class CandidateRunTests
{
    private const string EffectTopic = "trunkline.effects.triage";

    [Fact]
    public async Task The_same_flow_moves_nothing() => Assert.Equal((50, 0, 0, 0), await CompareAsync(Project("message.n > 30"), Project("message.n > 30")) is var r
        ? (r.Messages, r.Moved, r.Altered, r.Undecided)
        : default);

    [Fact]
    public async Task A_changed_threshold_moves_exactly_the_messages_between()
    {
        var report = await CompareAsync(Project("message.n > 30"), Project("message.n > 40"));

        var move = Assert.Single(report.Moves);
        Assert.Equal(("high", "low", 10L, 10L), (move.From, move.To, move.Count, report.Moved));
        Assert.Equal(Enumerable.Range(31, 10).Select(n => $"m-{n}").Order(StringComparer.Ordinal), move.Examples.Select(e => e.Id).Order(StringComparer.Ordinal));
        Assert.Equal(40, report.Messages - report.Moved);
    }

    [Fact]
    public async Task A_changed_body_a_filter_and_a_failure_are_told_apart()
    {
        Assert.Equal(50, (await CompareAsync(Project("false"), Project("false", Pipelines.Map("({ ...message, x: 1 })")))).Altered);
        Assert.Equal(["filtered (filter-1)"], (await CompareAsync(Project("false"), Project("false", Pipelines.Filter("message.n < 5")))).Moves.Select(m => m.To));
        Assert.Equal(["failed (step.expression-failed)"], (await CompareAsync(Project("false"), Project("false", Pipelines.Map("message.a.b")))).Moves.Select(m => m.To));
    }

    [Fact]
    public async Task Remote_answers_come_from_the_recording_and_are_never_asked_for()
    {
        var project = Project("message.spam > 0.5", Pipelines.Infer("message.n", "spam")) with
        {
            Models = new Dictionary<string, ModelConfig> { ["model"] = new() { Name = "model", Kind = "use", Model = "own" } },
        };
        await using var broker = await BrokerAsync();
        var asked = new ScriptedModel((request, _) => ValueTask.FromResult(new ModelAnswer(
            Encoding.UTF8.GetBytes((int.Parse(Encoding.UTF8.GetString(request.Input.Span), CultureInfo.InvariantCulture) / 50.0).ToString(CultureInfo.InvariantCulture)))));
        await RecordAsync(broker, project, asked, until: 40);
        var count = asked.Requests.Count;

        var candidate = project with { Flows = Project("message.spam > 0.7", Pipelines.Infer("message.n", "spam")).Flows };
        var report = await CompareAsync(project, candidate, broker, asked);

        Assert.Equal(count, asked.Requests.Count);
        Assert.Equal((40, 10), (report.Messages, report.Undecided));
        Assert.Equal(("high", "low", 10L), Assert.Single(report.Moves) is var move ? (move.From, move.To, move.Count) : default);
    }

    [Fact]
    public async Task A_changed_question_is_not_given_the_old_answer()
    {
        var project = Project("message.spam > 0.5", Pipelines.Infer("message.n", "spam")) with
        {
            Models = new Dictionary<string, ModelConfig> { ["model"] = new() { Name = "model", Kind = "use", Model = "own" } },
        };
        await using var broker = await BrokerAsync();
        await RecordAsync(broker, project, new ScriptedModel("0.9"), until: 50);
        var candidate = project with { Flows = Project("message.spam > 0.5", Pipelines.Infer("message.n + 1", "spam")).Flows };

        Assert.Equal((0, 50), await CompareAsync(project, candidate, broker, new ScriptedModel("0.9")) is var r ? (r.Messages, r.Undecided) : default);
    }

    [Fact]
    public async Task Fields_that_came_went_or_changed_are_named_and_their_values_masked()
    {
        var incumbent = Project("false", Pipelines.Map("({ n: message.n, gone: 'secret', kind: 'text', list: [1] })"));
        var candidate = Project("false", Pipelines.Map("({ n: message.n + 2, kind: 7, list: ['a'], came: true })"));

        var report = await CompareAsync(incumbent, candidate);

        Assert.Equal((50, "differs", true), (report.Altered, report.Verdict, report.Exact));
        Assert.Equal(["kind", "list", "n"], report.Fields.Select(f => f.Path));
        var n = report.Fields.Single(f => f.Path == "n");
        Assert.Equal((50, 0, "differs", 2.0, 2.0, 2.0), (n.Changed, n.Noise, n.Verdict, n.Numbers!.Shift, n.Numbers.Low, n.Numbers.High));
        Assert.Equal(("number", "number"), (n.Examples[0].Before, n.Examples[0].After));
        Assert.Equal("string of 6 characters", report.Fields.Single(f => f.Path == "kind").Examples[0].Before);
        Assert.Equal(
            [("added", "came", "boolean"), ("removed", "gone", "string"), ("type", "kind", "string -> number"), ("type", "list[]", "number -> string")],
            report.Shape.Select(s => (s.Kind, s.Path, s.Detail)));
        Assert.DoesNotContain("secret", System.Text.Json.JsonSerializer.Serialize(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_answers_by_chance_is_noise_and_a_candidate_like_it_is_not_called_different()
    {
        var project = Asking("message.spam > 0.5");
        await using var broker = await BrokerAsync();
        var random = new Random(5);
        var fickle = new ScriptedModel((_, _) => ValueTask.FromResult(new ModelAnswer(Encoding.UTF8.GetBytes(random.NextDouble() < 0.2 ? "0.9" : "0.1"))));

        var report = await CompareAsync(project, project, broker, fickle, request => request with { Effects = EffectMode.Fresh });

        Assert.True(report.Moved > 0 && report.NoiseMoved > 0, $"{report.Moved} moved, noise {report.NoiseMoved}");
        Assert.Equal((false, "not-enough-evidence", "not-enough-evidence"), (report.Exact, report.MovedVerdict, report.Verdict));
    }

    [Fact]
    public async Task A_candidate_that_goes_beyond_the_noise_is_called_different()
    {
        var project = Asking("message.spam > 0.5");
        await using var broker = await BrokerAsync();
        var random = new Random(5);
        var fickle = new ScriptedModel((_, _) => ValueTask.FromResult(new ModelAnswer(Encoding.UTF8.GetBytes(random.NextDouble() < 0.1 ? "0.9" : "0.1"))));

        var report = await CompareAsync(project, Asking("message.spam > 0.05"), broker, fickle, request => request with { Effects = EffectMode.Fresh });

        Assert.Equal(("differs", "differs"), (report.MovedVerdict, report.Verdict));
    }

    [Fact]
    public async Task A_slower_model_is_named_by_the_times_measured()
    {
        var clock = new FakeTimeProvider(Pipelines.Noon);
        await using var broker = await BrokerAsync();
        var small = new ScriptedModel((_, _) => Answer(clock, 10)) { Version = "small" };
        var large = new ScriptedModel((_, _) => Answer(clock, 25)) { Version = "large" };
        await using var catalog = new ModelCatalog(new OutgoingAddressPolicy(), new Dictionary<string, IModel> { ["own"] = small, ["other"] = large }, clock);
        var project = Asking("message.spam > 0.5");

        var report = await new CandidateRun(broker, catalog, new HostRegistrations(), clock).RunAsync(
            new ComparisonRequest(project, With(project, "other"), "triage") { Effects = EffectMode.Fresh }, EffectTopic, null, TestContext.Current.CancellationToken);

        var slower = report.Latency.Single(l => l.Kind == "model");
        Assert.Equal(("model", "slower", "measured", "model=small", "model=large", 2.5), (slower.Name, slower.Verdict, slower.Basis, slower.VersionBefore, slower.VersionAfter, slower.Ratio));
        Assert.Equal(("triage", "slower"), report.Latency.Single(l => l.Kind == "flow") is var flow ? (flow.Name, flow.Verdict) : default);
        Assert.All(report.Latency.Where(l => l.Kind == "step"), step => Assert.Equal("same", step.Verdict));
        Assert.Equal((0L, 0L), (report.Moved, report.Altered));
    }

    [Fact]
    public async Task A_slower_model_is_named_by_the_times_recorded_with_its_answers()
    {
        var clock = new FakeTimeProvider(Pipelines.Noon);
        await using var broker = await BrokerAsync();
        var small = new ScriptedModel((_, _) => Answer(clock, 10)) { Version = "small" };
        var large = new ScriptedModel((_, _) => Answer(clock, 25)) { Version = "large" };
        var project = Asking("message.spam > 0.5");
        await RecordAsync(broker, project, large, until: 25, clock);
        await RecordAsync(broker, project, small, until: 50, clock);
        await using var catalog = new ModelCatalog(new OutgoingAddressPolicy(), new Dictionary<string, IModel> { ["own"] = small, ["other"] = large }, clock);

        var report = await new CandidateRun(broker, catalog, new HostRegistrations(), clock).RunAsync(
            new ComparisonRequest(Restrict(project), With(Restrict(project), "other"), "triage"), EffectTopic, null, TestContext.Current.CancellationToken);

        var slower = report.Latency.Single(l => l.Kind == "model");
        Assert.Equal(("slower", "recorded"), (slower.Verdict, slower.Basis));

        // Times are recorded in ticks of the clock: 25 ms may have become 24.999.
        Assert.InRange(slower.Ratio, 2.49, 2.51);
    }

    [Fact]
    public async Task An_answer_by_hand_goes_before_the_recording_and_asks_nobody()
    {
        var project = Asking("message.spam > 0.5");
        await using var broker = await BrokerAsync();
        await RecordAsync(broker, project, new ScriptedModel("0.9"), until: 50);
        var asked = new ScriptedModel("0.9");

        var report = await CompareAsync(project, Asking("message.spam > 0.2"), broker, asked, request => request with
        {
            Effects = EffectMode.Stub,
            Stubs = new Dictionary<string, ReadOnlyMemory<byte>> { ["model"] = "0.3"u8.ToArray() },
        });

        Assert.Equal((50, 50), (report.Messages, report.Moved));
        Assert.Empty(asked.Requests);
    }

    private static ValueTask<ModelAnswer> Answer(FakeTimeProvider clock, int milliseconds)
    {
        clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        return ValueTask.FromResult(new ModelAnswer("0.9"u8.ToArray()));
    }

    private static ProjectConfig Asking(string high) => Project(high, Pipelines.Infer("message.n", "spam")) with
    {
        Models = new Dictionary<string, ModelConfig> { ["model"] = new() { Name = "model", Kind = "use", Model = "own" } },
    };

    private static ProjectConfig With(ProjectConfig project, string model) => project with
    {
        Models = new Dictionary<string, ModelConfig> { ["model"] = new() { Name = "model", Kind = "use", Model = model } },
    };

    // Times are of both versions, but every message is asked another question than was recorded, so that none is answered twice.
    private static ProjectConfig Restrict(ProjectConfig project) => project with
    {
        Flows = Project("message.spam > 0.5", Pipelines.Infer("message.n + 1000", "spam")).Flows,
    };

    private static ProjectConfig Project(string high, params StepConfig[] steps) => new()
    {
        Flows = new Dictionary<string, FlowConfig>
        {
            ["triage"] = new()
            {
                Name = "triage",
                From = new TopicSourceConfig("in", "flow.triage", SubscribeStart.Earliest, Pipelines.Here),
                Steps = steps,
                Branches = [Pipelines.To("high", high), Pipelines.To("low")],
            },
        },
    };

    private static async Task<MemoryBroker> BrokerAsync()
    {
        var broker = new MemoryBroker(new FakeTimeProvider(Pipelines.Noon));
        var token = TestContext.Current.CancellationToken;
        await broker.CreateTopicAsync(new TopicSettings { Name = "in", Partitions = 3 }, token);
        await broker.CreateTopicAsync(new TopicSettings { Name = EffectTopic, Partitions = 2 }, token);
        for (var n = 1; n <= 50; n++)
        {
            var message = new Message
            {
                Id = new MessageId($"m-{n}"),
                Key = MessageKey.FromText($"k{n}"),
                Payload = Encoding.UTF8.GetBytes($$"""{"n":{{n}}}"""),
            };
            await broker.AppendAsync(new TopicAppend { Topic = "in", Messages = [message] }, token);
        }

        return broker;
    }

    private static async Task RecordAsync(MemoryBroker broker, ProjectConfig project, IModel model, int until, TimeProvider? clock = null)
    {
        var token = TestContext.Current.CancellationToken;
        await using var catalog = Catalog(model);
        await using var models = catalog.Lease(project);
        var factory = new HostRegistrations().Pipelines(
            project.Flows["triage"], "1", new PipelineServices(new EffectPort { Time = clock ?? TimeProvider.System }, models, new Dictionary<string, CustomStep>(), TimeProvider.System));
        using var pipeline = factory.Create();
        for (var partition = 0; partition < 3; partition++)
        {
            foreach (var stored in await broker.ReadAsync(new ReadRequest("in", partition, 0, 100), token))
            {
                if (int.Parse(stored.Message.Id.Value[2..], CultureInfo.InvariantCulture) <= until)
                {
                    var result = await pipeline.RunAsync(new PipelineInput("in", stored, 1), token);
                    await broker.AppendAsync(new TopicAppend { Topic = EffectTopic, Messages = [EffectRecord.Of("in", stored, result.Effects)] }, token);
                }
            }
        }
    }

    private static ModelCatalog Catalog(IModel model) =>
        new(new OutgoingAddressPolicy(), new Dictionary<string, IModel> { ["own"] = model }, TimeProvider.System);

    private static async Task<ComparisonView> CompareAsync(ProjectConfig incumbent, ProjectConfig candidate)
    {
        await using var broker = await BrokerAsync();
        return await CompareAsync(incumbent, candidate, broker, new ScriptedModel("1"));
    }

    private static async Task<ComparisonView> CompareAsync(
        ProjectConfig incumbent, ProjectConfig candidate, MemoryBroker broker, IModel model, Func<ComparisonRequest, ComparisonRequest>? with = null)
    {
        var request = new ComparisonRequest(incumbent, candidate, "triage");
        await using var catalog = Catalog(model);
        return await new CandidateRun(broker, catalog, new HostRegistrations(), TimeProvider.System)
            .RunAsync(with?.Invoke(request) ?? request, EffectTopic, null, TestContext.Current.CancellationToken);
    }
}
