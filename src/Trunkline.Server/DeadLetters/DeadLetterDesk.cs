using System.Collections.Concurrent;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Redrives;
using Trunkline.Server.Releases;

namespace Trunkline.Server.DeadLetters;

/// <summary>
/// Where operators deal with dead letters: run one again, drop them. Each deed is an entry in the changes, and each dead letter is dealt
/// with once: its mark is written together with what became of it. Thread-safe.
/// </summary>
internal sealed class DeadLetterDesk(IBroker broker, FlowSupervisor flows, ChangeLog changes, TimeProvider time)
{
    private const int DropsInUnit = 1000;

    // Dead letters being run again just now; bounded by the window of jobs and by the requests of operators.
    private readonly ConcurrentDictionary<(string Flow, LetterPlace Place), bool> _atWork = new();

    /// <summary>The dead letters.</summary>
    public DeadLetterStore Store { get; } = new(broker);

    /// <summary>Runs one again, for an operator.</summary>
    public async Task<RedriveResult> RedriveAsync(DeadLetterRecord letter, EditedPayload? edited, string who, CancellationToken cancellationToken)
    {
        if (letter.Mark is not null || await LetterMark.FindAsync(broker, letter.Flow, letter.Place, cancellationToken) is not null)
        {
            return RedriveResult.AlreadyDone;
        }

        // Written first: a deed without entry would be worse than an entry of a deed that came to nothing.
        var what = edited is null ? "redrive" : "edit-and-redrive";
        await changes.WriteAsync(changes.Entry(who, what, TargetOf(letter), (null, null), $"cause {letter.Cause}"), cancellationToken);
        return await RunAsync(letter, edited, cancellationToken);
    }

    /// <summary>Runs one again; the change is written by the caller.</summary>
    public async Task<RedriveResult> RunAsync(DeadLetterRecord letter, EditedPayload? edited, CancellationToken cancellationToken)
    {
        if (!_atWork.TryAdd((letter.Flow, letter.Place), true))
        {
            return RedriveResult.Busy;
        }

        try
        {
            // Looked at only now: somebody else may just have been through with it.
            return await LetterMark.FindAsync(broker, letter.Flow, letter.Place, cancellationToken) is null
                ? await flows.RedriveAsync(letter.Order(edited), cancellationToken)
                : RedriveResult.AlreadyDone;
        }
        finally
        {
            _atWork.TryRemove((letter.Flow, letter.Place), out _);
        }
    }

    /// <summary>Releases a parked key, and marks the dead letter of the message it waits for.</summary>
    public async Task<KeyReleaseResult> ReleaseAsync(string flow, MessageKey key, bool skipFailed, string who, CancellationToken cancellationToken)
    {
        var parked = flows.ParkedKeys(flow, int.MaxValue).FirstOrDefault(p => p.Key == key);
        if (parked is null)
        {
            return KeyReleaseResult.NotParked;
        }

        var letter = !skipFailed && parked.FailedOffset is { } offset && flows.SourceOf(flow) is { } source
            ? await Store.FindByOriginalAsync(flow, source, new Position(parked.Partition, offset), cancellationToken)
            : null;
        var detail = skipFailed ? "without the failed message" : null;
        await changes.WriteAsync(changes.Entry(who, "release-key", $"flow {flow}", (null, null), detail), cancellationToken);
        return await flows.ReleaseKeyAsync(flow, new KeyReleaseOrder(key) { SkipFailed = skipFailed, Letter = letter?.Order(null) }, cancellationToken);
    }

    /// <summary>Drops one; false if it was dealt with before. A key that waits for its message is released without it.</summary>
    public async Task<bool> DropAsync(DeadLetterRecord letter, string who, CancellationToken cancellationToken)
    {
        if (letter.Mark is not null || !_atWork.TryAdd((letter.Flow, letter.Place), true))
        {
            return false;
        }

        try
        {
            if (await LetterMark.FindAsync(broker, letter.Flow, letter.Place, cancellationToken) is not null)
            {
                return false;
            }

            await DropAsync([letter], LetterDeed.Dropped, changes.Entry(who, "drop", TargetOf(letter), (null, null), $"cause {letter.Cause}"), cancellationToken);
        }
        finally
        {
            _atWork.TryRemove((letter.Flow, letter.Place), out _);
        }

        await SkipAsync(letter, cancellationToken);
        return true;
    }

    /// <summary>Drops all open ones of a flow that fit. Cut short, it has dropped some; the rest is open.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="filter">Which.</param>
    /// <param name="deed">Dropped or expired.</param>
    /// <param name="who">Who.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many.</returns>
    public async Task<int> DropAsync(string flow, DeadLetterFilter filter, LetterDeed deed, string who, CancellationToken cancellationToken)
    {
        var dropped = 0;
        var unit = new List<DeadLetterRecord>();
        await foreach (var letter in Store.ReadAsync(flow, cancellationToken))
        {
            if (letter.Mark is null && filter.Fits(letter))
            {
                unit.Add(letter);
            }

            if (unit.Count == DropsInUnit)
            {
                dropped += await EndUnitAsync();
            }
        }

        dropped += await EndUnitAsync();
        await Store.CleanAsync(flow, cancellationToken);
        return dropped;

        async Task<int> EndUnitAsync()
        {
            var count = await DropUnitAsync(unit, filter, deed, who, cancellationToken);
            unit.Clear();
            return count;
        }
    }

    /// <summary>Drops those that nobody else deals with, in one unit with its change.</summary>
    private async Task<int> DropUnitAsync(
        List<DeadLetterRecord> letters, DeadLetterFilter filter, LetterDeed deed, string who, CancellationToken cancellationToken)
    {
        var ours = letters.FindAll(letter => _atWork.TryAdd((letter.Flow, letter.Place), true));
        try
        {
            var open = new List<DeadLetterRecord>();
            foreach (var letter in ours)
            {
                if (await LetterMark.FindAsync(broker, letter.Flow, letter.Place, cancellationToken) is null)
                {
                    open.Add(letter);
                }
            }

            if (open.Count == 0)
            {
                return 0;
            }

            var what = deed == LetterDeed.Expired ? "expire" : "drop";
            var change = changes.Entry(who, what, $"dead letters of {open[0].Flow}", (null, null), $"{open.Count} of: {filter}");
            await DropAsync(open, deed, change, cancellationToken);
            foreach (var letter in open)
            {
                await SkipAsync(letter, cancellationToken);
            }

            return open.Count;
        }
        finally
        {
            ours.ForEach(letter => _atWork.TryRemove((letter.Flow, letter.Place), out _));
        }
    }

    private async Task DropAsync(IReadOnlyList<DeadLetterRecord> letters, LetterDeed deed, Change change, CancellationToken cancellationToken)
    {
        var mark = new LetterMark(deed, time.GetUtcNow());
        await broker.CommitAsync(
            new CommitUnit { Appends = [changes.Append(change)], State = [.. letters.Select(l => mark.Write(l.Flow, l.Place))] }, cancellationToken);
    }

    /// <summary>The messages behind a dropped one need not wait any more.</summary>
    private async Task SkipAsync(DeadLetterRecord letter, CancellationToken cancellationToken)
    {
        if (letter.Stored.Message.Key is { } key && letter.OriginalPlace is var (topic, position) && flows.SourceOf(letter.Flow) == topic
            && flows.ParkedKeys(letter.Flow, int.MaxValue).Any(p => p.Key == key && p.FailedOffset == position.Offset))
        {
            await flows.ReleaseKeyAsync(letter.Flow, new KeyReleaseOrder(key) { SkipFailed = true }, cancellationToken);
        }
    }

    private static string TargetOf(DeadLetterRecord letter) => $"dead letter {FlowNames.Dead(letter.Flow)}/{letter.Place.Partition}/{letter.Place.Offset}";
}
