using System.Text.Json;
using Trunkline.Client.Api;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Alerts;
using Trunkline.Server.Connectors.Chat;
using Trunkline.Server.Connectors.Mail;
using Trunkline.Server.Connectors.Webhooks;
using Trunkline.Server.Flows;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>
/// Sends notices through the same senders as sinks of flows, as effects of a flow of no name of its own: with their time-outs, their bounds on addresses,
/// their judgement of answers. One caller at a time.
/// </summary>
internal sealed class AlertSenders(FlowEnvironment environment) : IDisposable
{
    /// <summary>What effects of alerts go by.</summary>
    public const string Flow = "trunkline.alerts";

    private readonly Dictionary<string, (OutboxSinkConfig Config, IPipeline Pipeline)> _open = new(StringComparer.Ordinal);

    /// <summary>Sends a notice.</summary>
    /// <returns>Null if the receiver has it, else why not.</returns>
    public async Task<StepFault?> SendAsync(OutboxSinkConfig receiver, AlertNotice notice, CancellationToken cancellationToken)
    {
        var now = environment.Time.GetUtcNow();
        var message = new Message
        {
            Id = new MessageId(Guid.CreateVersion7(now).ToString("N")),
            Source = Flow,
            Time = now,
            ContentType = "application/json",
            Payload = JsonSerializer.SerializeToUtf8Bytes(notice, ApiJson.Default.AlertNotice),
        };
        var result = await PipelineOf(receiver).RunAsync(new PipelineInput(Flow, new StoredMessage(message, new Position(0, 0), now), 1), cancellationToken);
        return result is PipelineResult.Failed failed ? failed.Fault : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, pipeline) in _open.Values)
        {
            pipeline.Dispose();
        }

        _open.Clear();
    }

    private IPipeline PipelineOf(OutboxSinkConfig receiver)
    {
        if (_open.TryGetValue(receiver.Name, out var open) && open.Config == receiver)
        {
            return open.Pipeline;
        }

        open.Pipeline?.Dispose();
        var pipeline = new ConnectorPipelines(receiver, Connector(receiver), environment.Effects.Of(Flow), environment.Time).Create();
        _open[receiver.Name] = (receiver, pipeline);
        return pipeline;
    }

    private ISinkConnector Connector(OutboxSinkConfig receiver) => receiver switch
    {
        WebhookSinkConfig webhook => new WebhookSink(webhook, environment.Http, environment.Time),
        ChatSinkConfig chat => new ChatSink(chat, environment.Http, environment.Time),
        SmtpSinkConfig smtp => new SmtpSink(smtp, MailServers.Of(smtp.Server, environment.Addresses), environment.Time),
        AlertmanagerSinkConfig manager => new AlertmanagerSink(manager, environment.Http, environment.Time),
        PagerSinkConfig pager => new PagerSink(pager, environment.Http, environment.Time),
        _ => throw new InvalidOperationException($"receiver '{receiver.Name}' is of no known kind"),
    };
}
