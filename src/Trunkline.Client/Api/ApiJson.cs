using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trunkline.Client.Api;

/// <summary>Source-generated JSON of the API's types: camel case, nulls left out, unknown members ignored when reading.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 128)]
[JsonSerializable(typeof(PublishResponse))]
[JsonSerializable(typeof(MessagesPage))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(TopicList))]
[JsonSerializable(typeof(TopicView))]
[JsonSerializable(typeof(CreateTopicRequest))]
[JsonSerializable(typeof(FlowList))]
[JsonSerializable(typeof(FlowView))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(DeadLetterPage))]
[JsonSerializable(typeof(FetchRequest))]
[JsonSerializable(typeof(FetchResponse))]
[JsonSerializable(typeof(AckRequest))]
[JsonSerializable(typeof(NackRequest))]
[JsonSerializable(typeof(ExtendRequest))]
[JsonSerializable(typeof(LeaseResponse))]
[JsonSerializable(typeof(RevisionList))]
[JsonSerializable(typeof(ApplyRequest))]
[JsonSerializable(typeof(ActivateRequest))]
[JsonSerializable(typeof(PlanView))]
[JsonSerializable(typeof(CompareRequest))]
[JsonSerializable(typeof(ComparisonView))]
[JsonSerializable(typeof(ChangeList))]
[JsonSerializable(typeof(ChangeView))]
[JsonSerializable(typeof(ReportChangeRequest))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(NodeView))]
[JsonSerializable(typeof(IntakeResponse))]
public sealed partial class ApiJson : JsonSerializerContext;
