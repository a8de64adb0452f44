using System.Text;
using Trunkline.Core.Config;
using Trunkline.Messaging;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Steps;

/// <summary>Builds pipelines and messages for tests.</summary>
internal static class Pipelines
{
    public static readonly SourceLocation Here = new("test.yaml", 1);
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static MapStepConfig Map(string expression, string name = "map-1") => new(name, expression, Here);

    public static FilterStepConfig Filter(string expression, string name = "filter-1") => new(name, expression, Here);

    public static InferStepConfig Infer(string input, string output, string name = "infer-1") => new(name, "model", input, output, Here);

    public static BranchConfig To(string topic, string? when = null, string? key = null) =>
        new(when, [new TopicSinkConfig(topic, topic, key, Here)], Here);

    public static IPipelineFactory Factory(StepConfig[] steps, params BranchConfig[] branches) => Factory(steps, branches, new EffectPort());

    public static IPipelineFactory Factory(
        StepConfig[] steps, BranchConfig[] branches, EffectPort effects, IModel? model = null, TimeProvider? time = null, CustomStep? custom = null)
    {
        var flow = new FlowConfig
        {
            Name = "triage",
            From = new TopicSourceConfig("in", "flow.triage", Messaging.Brokers.SubscribeStart.Earliest, Here),
            Steps = steps,
            Branches = branches.Length == 0 ? [To("out")] : branches,
        };
        var handles = new Dictionary<string, ModelHandle>();
        if (model is not null)
        {
            handles.Add("model", new ModelHandle(new Lazy<IModel>(model), TimeSpan.FromSeconds(5)));
        }

        var steppers = custom is null ? [] : new Dictionary<string, CustomStep> { ["custom"] = custom };
        var models = new ModelSet(handles, () => ValueTask.CompletedTask);
        return new ProjectPipelineFactory(flow, "7-abc", new PipelineServices(effects, models, steppers, time ?? TimeProvider.System));
    }

    /// <summary>A flow that asks <c>model</c> of the set.</summary>
    public static IPipelineFactory Flow(ModelSet models)
    {
        var flow = new FlowConfig
        {
            Name = "triage",
            From = new TopicSourceConfig("in", "flow.triage", Messaging.Brokers.SubscribeStart.Earliest, Here),
            Steps = [Infer("message.text", "spam")],
            Branches = [To("out")],
        };
        return new ProjectPipelineFactory(flow, "1", new PipelineServices(new EffectPort(), models, new Dictionary<string, CustomStep>(), TimeProvider.System));
    }

    public static Message Json(string json, string id = "m-1") => new()
    {
        Id = new MessageId(id),
        Source = "/orders",
        Key = MessageKey.FromText("k"),
        ContentType = "application/json",
        Payload = Encoding.UTF8.GetBytes(json),
    };

    public static PipelineInput Input(Message message, int attempt = 1) =>
        new("in", new StoredMessage(message, new Position(3, 42), Noon), attempt);

    public static async Task<PipelineResult> RunAsync(this IPipelineFactory factory, Message message, int attempt = 1)
    {
        using var pipeline = factory.Create();
        return await pipeline.RunAsync(Input(message, attempt), TestContext.Current.CancellationToken);
    }

    public static async Task<string> BodyAsync(this IPipelineFactory factory, Message message) =>
        Text(Assert.Single(Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(message)).Outputs).Message);

    public static async Task<StepFault> FaultAsync(this IPipelineFactory factory, Message message) =>
        Assert.IsType<PipelineResult.Failed>(await factory.RunAsync(message)).Fault;

    public static string Text(Message message) => Encoding.UTF8.GetString(message.Payload.Span);
}
