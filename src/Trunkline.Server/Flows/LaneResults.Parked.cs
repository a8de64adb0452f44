using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Flows.Poison;
using Trunkline.Server.Flows.Redrives;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <content>What waits in the parked topic, and what runs again from the dead letters.</content>
internal sealed partial class LaneResults
{
    /// <summary>Parks a message behind an earlier one of its key; false if there is no room until that is tried again by itself.</summary>
    public bool Park(PartitionWork work, StoredMessage message, RevisionLanes lanes, ParkedKey parked)
    {
        if (parked.Count - parked.Released >= ParkedKeys.MessagesMax || parked.Bytes >= ParkedKeys.BytesMax)
        {
            if (parked.Due is not null)
            {
                return false;
            }

            Stop(work, message, new StepFault("flow.key-full", "flow", "too much waits behind a parked key", FaultClass.Terminal));
            return true;
        }

        var output = OutputOf(work);
        AddParked(output, work, message, lanes, parked);
        output.Complete(message, MessageOutcome.Parked);
        NoteWaiting(output, message, lanes, OutcomeNote.Of(OutcomeState.Parked, 0, null));
        HandOverIfFull();
        return true;
    }

    /// <summary>Notes that a release begins.</summary>
    public void Begin(PartitionWork work, ParkedKey parked)
    {
        parked.Begin();
        OutputOf(work).State.Add(work.Parked.Write(parked));
    }

    /// <summary>Makes a dead letter of a message that killed the process too often.</summary>
    public void GiveUpPoison(in LaneTry run)
    {
        var detail = $"the process died {PartitionLife.DeathsMax} times while the message was at work";
        GiveUp(run with { Attempt = Math.Max(run.Attempt, PartitionLife.DeathsMax) }, new StepFault("flow.poison", _context.Step, detail, FaultClass.Terminal));
        HandOverIfFull();
    }

    /// <summary>Counts the failed message of a parked key as released, without running it.</summary>
    public void Skip(LaneRelease release)
    {
        release.Parked.Release();
        AddReleased(OutputOf(release.Work), release);
    }

    /// <summary>Parks a redriven message behind what waits of its key; false if there is no room.</summary>
    public bool Park(LaneRedrive redrive, RevisionLanes lanes, ParkedKey parked)
    {
        if (parked.Count - parked.Released >= ParkedKeys.MessagesMax || parked.Bytes >= ParkedKeys.BytesMax)
        {
            return false;
        }

        var output = OutputOf(redrive.Work);
        AddParked(output, redrive.Work, redrive.Order.Message, lanes, parked);
        Book(output, redrive, RedriveResult.Parked);
        output.Count(MessageOutcome.Parked);
        return true;
    }

    /// <summary>The dead letter is dealt with, in the unit that holds what became of its message.</summary>
    private void Book(LaneOutput output, LaneRedrive redrive, RedriveResult result)
    {
        redrive.Booked = result;
        output.State.Add(redrive.Order.Mark(_context.Time.GetUtcNow()));
        output.Errands.Add(redrive);
    }

    private void AddReleased(LaneOutput output, LaneRelease release)
    {
        output.State.Add(release.Work.Parked.Write(release.Parked));
        if (release.Letter is { } letter)
        {
            output.State.Add(letter.Mark(_context.Time.GetUtcNow()));
        }
    }

    /// <summary>Opens a parked key; false if something of it still waits.</summary>
    public bool Open(PartitionWork work, ParkedKey parked)
    {
        if (!work.IsOwned || parked.Released < parked.Count)
        {
            return false;
        }

        OutputOf(work).State.Add(work.Parked.Delete(parked));
        work.Parked.Remove(parked);
        return true;
    }

    /// <summary>A message that was tried by itself makes room for the next, unless the policy parks its key; any other stays first in line.</summary>
    private static void GiveUp(LaneRelease release, long offset, FailurePolicy policy)
    {
        release.Parked.Settle();
        if (release.Parked.Due is not null && (policy != FailurePolicy.ParkKey || release.Parked.Key is null))
        {
            release.Parked.Release();
        }
        else
        {
            release.Parked.AwaitOperator(offset);
        }
    }

    private static void AddParked(LaneOutput output, PartitionWork work, StoredMessage message, RevisionLanes lanes, ParkedKey parked)
    {
        output.Messages.Add((lanes.Parked(work.Partition), parked.Add(message)));
        output.State.Add(work.Parked.Write(parked));
    }
}
