using Trunkline.Messaging.Brokers;
using Trunkline.Server.Flows.Redrives;

namespace Trunkline.Server.Flows.Contracts;

/// <summary>
/// Puts the message of a topic's dead letter into the topic, if it fits by now; otherwise there is a newer dead letter. Either is one unit with the mark
/// that the dead letter is dealt with. It comes to stand at the end, behind what was published meanwhile.
/// </summary>
internal static class TopicRedrive
{
    private const string Step = "redrive";

    /// <summary>Runs one.</summary>
    /// <param name="environment">The node's.</param>
    /// <param name="contract">The topic's contract in force; null if it has none any more.</param>
    /// <param name="order">The dead letter.</param>
    /// <param name="cancellationToken">Gives up before the unit begins.</param>
    public static async Task<RedriveResult> RunAsync(FlowEnvironment environment, TopicContract? contract, RedriveOrder order, CancellationToken cancellationToken)
    {
        if (contract is null)
        {
            return RedriveResult.NoFlow;
        }

        var message = order.Message.Message;
        var faults = contract.CheckAndCount(message);
        var fits = faults.Count == 0 || contract.Policy == Configuration.ContractPolicy.Observe;
        var now = environment.Time.GetUtcNow();
        var append = new TopicAppend
        {
            Topic = fits ? contract.Topic : contract.DeadTopic,
            Messages = [fits ? message : ContractLetter.Of(message, contract, faults, Step, now)],
        };
        await environment.Broker.CommitAsync(new CommitUnit { Appends = [append], State = [order.Mark(now)] }, cancellationToken);
        return fits ? RedriveResult.Redriven : RedriveResult.FailedAgain;
    }
}
