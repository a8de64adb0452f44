using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Webhooks;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>Makes what sends the messages of an outbox, whatever its kind. What a replay made is held back here, for all kinds alike.</summary>
internal static class SinkSenders
{
    public static IPipelineFactory Of(FlowEnvironment environment, string flow, OutboxSinkConfig sink) => new ReplayGuard(sink switch
    {
        WebhookSinkConfig webhook => new WebhookPipelines(webhook, environment.Http, environment.Effects.Of(flow), environment.Time),
        _ => throw new InvalidOperationException($"sink '{sink.Name}' of flow '{flow}' sends nowhere known"),
    });
}
