using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Files;
using Trunkline.Server.Connectors.Folders;
using Trunkline.Server.Connectors.Hooks;
using Trunkline.Server.Connectors.Http;
using Trunkline.Server.Connectors.Mail;
using Trunkline.Server.Connectors.Schedules;

namespace Trunkline.Server.Flows;

/// <summary>Opens the source of a flow, whatever its kind.</summary>
internal static class FlowSources
{
    public static ValueTask<IFlowSource> OpenAsync(FlowEnvironment environment, FlowConfig flow, ILogger log, CancellationToken cancellationToken) => flow.From switch
    {
        TopicSourceConfig topic => TopicSource.OpenAsync(
            environment.Broker, new SubscribeOptions { Topic = topic.Topic, Group = topic.Group, Start = topic.Start }, cancellationToken),
        HttpSourceConfig http => new(new HttpSource(http.Origin(flow.Name), environment.Intakes.Open(http.Path), environment.Time)),
        MaildirSourceConfig maildir => new(new MaildirSource(
            new MaildirOptions(flow.Name, maildir.Path, FlowNames.SourceStore(flow.Name), environment.Broker, environment.Time) { Log = log })),
        WebhookSourceConfig hook => new(OpenHooks(environment, flow, hook)),
        MboxSourceConfig mbox => new(new MboxSource(Mails(environment, flow.Name, log), mbox.Path)),
        SmtpSourceConfig smtp => new(new SmtpSource(Mails(environment, flow.Name, log), smtp)),
        ImapSourceConfig imap => new(new ImapSource(
            Mails(environment, flow.Name, log), imap, MailServers.Of(imap.Server, environment.Addresses), environment.Jitter)),
        WebSocketSourceConfig socket => new(new HttpSource(socket.Origin(flow.Name), environment.Sockets.Intakes.Open(socket.Path), environment.Time)),
        FileSourceConfig file => new(new ConnectorSource(new FileSource(file), Options(environment, flow, log))),
        ScheduleSourceConfig schedule => new(new ConnectorSource(new ScheduleSource(schedule), Options(environment, flow, log))),
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

    /// <summary>Nothing comes in any more where the source had a path of its own.</summary>
    public static void Close(FlowEnvironment environment, SourceConfig source)
    {
        switch (source)
        {
            case HttpSourceConfig http:
                environment.Intakes.Close(http.Path);
                break;
            case WebSocketSourceConfig socket:
                environment.Sockets.Intakes.Close(socket.Path);
                break;
            case WebhookSourceConfig hook:
                environment.Hooks.Close(hook.Path);
                break;
        }
    }

    private static HttpSource OpenHooks(FlowEnvironment environment, FlowConfig flow, WebhookSourceConfig hook)
    {
        var door = environment.Hooks.Open(
            hook.Path,
            () => new HookDoor(HookSchemes.Of(hook), new SeenHooks(environment.Broker, FlowNames.SourceStore(flow.Name), hook.Remember, environment.Time)));
        return new HttpSource(hook.Origin(flow.Name), door.Intake, environment.Time, door.Seen);
    }

    private static ISourceConnector Connector(FlowEnvironment environment, UseSourceConfig use) => environment.Connectors.Sources.TryGetValue(use.Use, out var source)
        ? source
        : throw new ArgumentException($"{use.Where}: the host has registered no source '{use.Use}'. Register it with AddSource, or correct the name.", nameof(use));

    private static MailSourceOptions Mails(FlowEnvironment environment, string flow, ILogger log) =>
        new(flow, FlowNames.SourceStore(flow), environment.Broker, environment.Time, log);

    private static ConnectorSourceOptions Options(FlowEnvironment environment, FlowConfig flow, ILogger log) =>
        new(flow.Name, flow.From.Origin(flow.Name), FlowNames.SourceStore(flow.Name), environment.Broker, environment.Time) { Log = log };
}
