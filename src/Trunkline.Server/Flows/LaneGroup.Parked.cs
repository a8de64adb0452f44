using Trunkline.Messaging;
using Trunkline.Server.State;

namespace Trunkline.Server.Flows;

/// <content>Messages of keys that are parked, and what runs for somebody.</content>
internal sealed partial class LaneGroup
{
    private void Park(HeldMessage held, ParkedKey parked)
    {
        held.Suspect?.Interrupt();
        if (held.Redrive is { } redrive)
        {
            if (!_results.Park(redrive, _lanes, parked))
            {
                redrive.Interrupt();
            }

            Release(held);
        }
        else if (held.Visit is { } visit)
        {
            _results.PutOff(held.Work, visit);
            Release(held);
        }
        else if (_results.Park(held.Work, held.Message, _lanes, parked))
        {
            Release(held);
        }
        else
        {
            WaitInPlace(held, _lanes.Revision.Rules.Retry.BackoffMax);
        }
    }

    /// <summary>Parks the message if its key is parked; it waits here if there is no room. What is due for the key waits until it is open.</summary>
    private bool TryPark(PartitionWork work, StoredMessage message, StateVisit? visit)
    {
        if (work.ParkedFor(message) is not { } parked)
        {
            return false;
        }

        if (visit is not null)
        {
            _results.PutOff(work, visit);
        }
        else if (!_results.Park(work, message, _lanes, parked))
        {
            WaitInPlace(_keys.HoldUnbegun(work, message), _lanes.Revision.Rules.Retry.BackoffMax);
        }

        return true;
    }

    /// <summary>What runs for somebody takes its turn behind others of its key.</summary>
    private void TakeErrand(HeldMessage held)
    {
        if (_keys.TryHold(held))
        {
            _ready.Enqueue(held);
        }
        else
        {
            held.Suspect?.Interrupt();
        }
    }
}
