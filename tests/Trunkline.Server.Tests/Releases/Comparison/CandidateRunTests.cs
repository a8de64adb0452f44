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
                Id = new MessageId($"m-{n}"), Key = MessageKey.FromText($"k{n}"), Payload = Encoding.UTF8.GetBytes($$"""{"n":{{n}}}"""),
            };
            await broker.AppendAsync(new TopicAppend { Topic = "in", Messages = [message] }, token);
        }

        return broker;
    }

    private static async Task RecordAsync(MemoryBroker broker, ProjectConfig project, IModel model, int until)
    {
        var token = TestContext.Current.CancellationToken;
        await using var catalog = Catalog(model);
        await using var models = catalog.Lease(project);
        var factory = new HostRegistrations().Pipelines(
            project.Flows["triage"], "1", new PipelineServices(new EffectPort(), models, new Dictionary<string, CustomStep>(), TimeProvider.System));
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

    private static async Task<ComparisonView> CompareAsync(ProjectConfig incumbent, ProjectConfig candidate, MemoryBroker broker, IModel model)
    {
        await using var catalog = Catalog(model);
        return await new CandidateRun(broker, catalog, new HostRegistrations(), TimeProvider.System)
            .RunAsync(new ComparisonRequest(incumbent, candidate, "triage"), EffectTopic, null, TestContext.Current.CancellationToken);
    }
}
