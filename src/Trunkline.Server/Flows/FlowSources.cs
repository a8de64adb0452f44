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
        UseSourceConfig use => new(new ConnectorSource(Connector(environment, use), Options(environment, flow, log))),
        _ => throw new InvalidOperationException($"flow '{flow.Name}' reads from nothing known"),
    };

    /// <summary>Throws if a flow names a source the host does not have.</summary>
    public static void Check(FlowEnvironment environment, FlowConfig flow)
    {
        if (flow.From is UseSourceConfig use)
        {
            _ = Connector(environment, use);
        }
    }

    private static ISourceConnector Connector(FlowEnvironment environment, UseSourceConfig use) => environment.Connectors.Sources.TryGetValue(use.Use, out var source)
        ? source
        : throw new ArgumentException($"{use.Where}: the host has registered no source '{use.Use}'. Register it with AddSource, or correct the name.", nameof(use));

    private static ConnectorSourceOptions Options(FlowEnvironment environment, FlowConfig flow, ILogger log) =>
        new(flow.Name, flow.From.Origin(flow.Name), FlowNames.SourceStore(flow.Name), environment.Broker, environment.Time) { Log = log };
}
