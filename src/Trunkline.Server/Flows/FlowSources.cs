using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Folders;
using Trunkline.Server.Connectors.Http;

namespace Trunkline.Server.Flows;

/// <summary>Opens the source of a flow, whatever its kind.</summary>
internal static class FlowSources
{
    public static ValueTask<IFlowSource> OpenAsync(FlowEnvironment environment, FlowConfig flow, ILogger log, CancellationToken cancellationToken) => flow.From switch
    {
        TopicSourceConfig topic => TopicSource.OpenAsync(
            environment.Broker, new SubscribeOptions { Topic = topic.Topic, Group = topic.Group, Start = topic.Start }, cancellationToken),
        HttpSourceConfig http => new(new HttpSource(http.Path, environment.Intakes.Open(http.Path), environment.Time)),
        MaildirSourceConfig maildir => new(new MaildirSource(
            new MaildirOptions(flow.Name, maildir.Path, FlowNames.SourceStore(flow.Name), environment.Broker, environment.Time) { Log = log })),
        _ => throw new InvalidOperationException($"flow '{flow.Name}' reads from nothing known"),
    };
}
