using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Chat;
using Trunkline.Server.Connectors.Files;
using Trunkline.Server.Connectors.Live;
using Trunkline.Server.Connectors.Mail;
using Trunkline.Server.Connectors.Webhooks;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>Makes what sends the messages of an outbox, whatever its kind. What a replay made is held back here, for all kinds alike.</summary>
internal static class SinkSenders
{
    public static IPipelineFactory Of(FlowEnvironment environment, string flow, OutboxSinkConfig sink) => new ReplayGuard(
        new ConnectorPipelines(sink, Connector(environment, flow, sink), environment.Effects.Of(flow), environment.Time));

    private static ISinkConnector Connector(FlowEnvironment environment, string flow, OutboxSinkConfig sink) => sink switch
    {
        WebhookSinkConfig webhook => new WebhookSink(webhook, environment.Http, environment.Time),
        ChatSinkConfig chat => new ChatSink(chat, environment.Http, environment.Time),
        SmtpSinkConfig smtp => new SmtpSink(smtp, MailServers.Of(smtp.Server, environment.Addresses), environment.Time),
        FileSinkConfig file => new FileSink(flow, file, environment.Files.Of(file)),
        LiveSinkConfig => new LiveSink(),
        OutcomeSinkConfig outcome => new FactSink(outcome, new LaterFacts(environment.Broker), environment.Time),
        UseSinkConfig use => environment.Connectors.Sinks.TryGetValue(use.Use, out var own)
            ? own
            : throw new ArgumentException($"{use.Where}: the host has registered no sink '{use.Use}'. Register it with AddSink, or correct the name.", nameof(sink)),
        _ => throw new InvalidOperationException($"sink '{sink.Name}' of flow '{flow}' sends nowhere known"),
    };
}
