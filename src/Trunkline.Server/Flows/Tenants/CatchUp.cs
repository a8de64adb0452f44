using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;

namespace Trunkline.Server.Flows.Tenants;

/// <summary>Reads what was passed over again when its tenant has room, each line in turn.</summary>
/// <param name="options">The runner's.</param>
/// <param name="ledger">Its books.</param>
/// <param name="begin">Takes what was read into the books and hands it to the lanes, in order with what the source delivers.</param>
internal sealed class CatchUp(FlowRunnerOptions options, FlowLedger ledger, Action<PassedTurn, IReadOnlyList<StoredMessage>> begin)
{
    private readonly ChangeSignal _changed = new();

    /// <summary>Something was committed or passed over, or the flow goes on. Thread-safe.</summary>
    public void Progressed() => _changed.Set();

    /// <summary>Runs until cancelled; throws what no further try can mend.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            var next = _changed.Next;
            var turns = ledger.Turns();
            if (turns.Count == 0)
            {
                await next.WaitAsync(cancellationToken);
                continue;
            }

            try
            {
                foreach (var turn in turns)
                {
                    // A line may be sparse: as much is read as a delivery has, whatever part of it belongs to the line.
                    var request = new ReadRequest(options.Topic, turn.Work.Partition, turn.From, options.Limits.DeliveryMessagesMax);
                    begin(turn, await options.Broker.ReadAsync(request, cancellationToken));
                }

                wait = TimeSpan.FromMilliseconds(100);
            }
            catch (BrokerException failed) when (failed.Code is BrokerErrorCode.Overloaded or BrokerErrorCode.Unreachable)
            {
                Log.SourceFailed(options.Log, options.Flow, failed.Code, wait, failed);
                await Task.Delay(wait, options.Time, cancellationToken);
                wait = wait * 2 < options.Limits.BrokerBackoffMax ? wait * 2 : options.Limits.BrokerBackoffMax;
            }
        }
    }
}
