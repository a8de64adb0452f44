using Trunkline.Client;

namespace Trunkline.Cli.Demo;

/// <summary>How far a run is; from the node's own answers, for progress and for knowing when to count.</summary>
/// <param name="Received">Mails in the first topic, or dead before it.</param>
/// <param name="Sorted">Mails in their topics.</param>
/// <param name="Drafts">Drafts written.</param>
/// <param name="Open">Messages, webhooks and drafts not completed.</param>
internal sealed record Standing(long Received, long Sorted, long Drafts, long Open)
{
    /// <summary>Asks the node.</summary>
    /// <exception cref="CliException">A flow failed.</exception>
    public static async Task<Standing> ReadAsync(TrunklineClient client, CancellationToken cancellationToken)
    {
        var flows = (await client.ListFlowsAsync(cancellationToken)).Flows;
        if (flows.FirstOrDefault(flow => flow.State == "failed") is { } failed)
        {
            throw new CliException(ExitCode.Failed, "demo.flow-failed", $"Flow {failed.Name} failed: {failed.Trouble?.Detail}", "Mend what it names, then run the demo again.");
        }

        var topics = (await client.ListTopicsAsync(cancellationToken)).Topics.ToDictionary(topic => topic.Name, topic => topic.Messages, StringComparer.Ordinal);
        var open = flows.Sum(flow => (flow.Lag ?? 0) + flow.InFlight + flow.Sinks.Sum(sink => sink.Pending));
        return new Standing(
            topics.GetValueOrDefault(MailLedger.Received) + topics.GetValueOrDefault("intake.dead"),
            MailLedger.Sinks.Sum(sink => topics.GetValueOrDefault(sink)),
            topics.GetValueOrDefault("mail.drafts"),
            open);
    }
}
