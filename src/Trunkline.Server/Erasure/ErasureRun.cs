using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Flows;
using Trunkline.Server.Releases;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Erasure;

/// <summary>
/// Carries one erasure through its phases, from wherever it stands. Each may be done again: nothing is changed before all that was found
/// is written down, erasing twice erases once, and the subject is forgotten before the files are rewritten.
/// </summary>
internal sealed class ErasureRun(ErasureEnvironment environment, ErasureJob job)
{
    private const int PlacesPerStep = 10_000;

    /// <summary>Rounds after which messages of the subject still come in as fast as they go: then it is up to who sends them.</summary>
    private const int RoundsMax = 20;

    private readonly ErasurePlan _plan = new(environment.Broker);
    private readonly Dictionary<string, long> _erased = new(job.Erased, StringComparer.Ordinal);
    private ErasureJob _job = job;

    /// <summary>Told of each phase.</summary>
    public required Action<ErasureJob> Reached { get; init; }

    /// <summary>Runs to the end; gives the proof.</summary>
    public async Task<ErasureJob> RunAsync(CancellationToken cancellationToken)
    {
        if (_job.Phase < ErasurePhase.Scrubbing)
        {
            await EraseAsync(new ErasureSubject(_job.Kind, _job.Value), cancellationToken);
        }

        Reached(_job);
        await environment.Broker.ScrubAsync(cancellationToken);
        return await FinishAsync(cancellationToken);
    }

    private async Task EraseAsync(ErasureSubject subject, CancellationToken cancellationToken)
    {
        var finds = _job.Phase == ErasurePhase.Erasing ? await _plan.FindsAsync(cancellationToken) : new ErasureFinds();
        var search = new ErasureSearch(environment.Broker, subject, finds) { Reports = environment.Reports };
        Reached(_job);
        await search.RunAsync(cancellationToken);
        _job = _job with { Phase = ErasurePhase.Erasing };
        await _plan.KeepAsync(finds, _job, cancellationToken);
        Reached(_job);
        for (var round = 0; ; round++)
        {
            await EraseAsync(search, finds, cancellationToken);
            await EraseStateAsync(subject, search, finds, cancellationToken);

            // Work on erased messages is dropped; what it brought out until now is found in the next round.
            await environment.Flows.ReopenAsync(cancellationToken);
            await environment.Settle(cancellationToken);
            if (!await search.FollowAsync(cancellationToken) || round == RoundsMax)
            {
                break;
            }

            await _plan.KeepAsync(finds, _job, cancellationToken);
        }

        _job = _job with { Phase = ErasurePhase.Scrubbing, Value = null, Searched = search.Searched, Erased = _erased };
        await _plan.ForgetAsync(_job, cancellationToken);
    }

    private async Task EraseAsync(ErasureSearch search, ErasureFinds finds, CancellationToken cancellationToken)
    {
        var redaction = new Redaction(environment.Broker, search);
        foreach (var place in finds.TakeFresh().GroupBy(place => (place.Topic, place.Position.Partition), place => place.Position.Offset))
        {
            var (topic, partition) = place.Key;
            foreach (var some in place.Order().Chunk(PlacesPerStep))
            {
                try
                {
                    var messages = await redaction.OfAsync(topic, partition, some, cancellationToken);
                    _erased[topic] = _erased.GetValueOrDefault(topic) + await environment.Broker.EraseAsync(topic, messages, cancellationToken);
                }
                catch (BrokerException gone) when (gone.Code == BrokerErrorCode.TopicNotFound)
                {
                    // Deleted meanwhile, with all that was in it.
                    break;
                }
            }
        }
    }

    private async Task EraseStateAsync(ErasureSubject subject, ErasureSearch search, ErasureFinds finds, CancellationToken cancellationToken)
    {
        // Nobody can tell which part of a state came of which message: the state of a key that an erased message had goes whole.
        IReadOnlyCollection<MessageKey> keys = subject.Kind == ErasureKind.Key ? [new MessageKey(subject.Value), .. finds.Keys] : finds.Keys;
        var state = new Dictionary<string, long>(_job.State, StringComparer.Ordinal);
        foreach (var (store, entries) in await new StateErasure(environment.Broker, search).RunAsync(keys, finds, cancellationToken))
        {
            state[store] = state.GetValueOrDefault(store) + entries;
        }

        _job = _job with { State = state };
    }

    private async Task<ErasureJob> FinishAsync(CancellationToken cancellationToken)
    {
        var done = _job with { Phase = ErasurePhase.Done, FinishedAt = environment.Time.GetUtcNow(), Backups = await BackupsAsync(cancellationToken) };
        await environment.Proofs.EnsureAsync(cancellationToken);
        var changes = environment.Changes;
        var detail = $"{done.RequestHash}: {done.Erased.Values.Sum()} messages, {done.State.Values.Sum()} entries of state";
        var change = changes.Entry(done.Who, "erase", done.Kind.ToString().ToLowerInvariant(), (null, done.Id), detail);
        await environment.Broker.CommitAsync(
            new CommitUnit { Appends = [environment.Proofs.Append(done), changes.Append(change)], State = [ErasurePlan.Write(null)] }, cancellationToken);
        Reached(done);
        return done;
    }

    /// <summary>The log of changes names each backup the node was asked for; those that are still there are told.</summary>
    private async Task<IReadOnlyList<string>> BackupsAsync(CancellationToken cancellationToken)
    {
        var backups = new SortedSet<string>(StringComparer.Ordinal);
        long? before = null;
        do
        {
            var page = await environment.Changes.ReadAsync(ChangeLog.PageMax, before, cancellationToken);
            backups.UnionWith(page.Changes.Where(change => change.What == "backup" && Directory.Exists(change.Detail)).Select(change => change.Detail!));
            before = page.Before;
        }
        while (before is not null);
        return [.. backups];
    }
}

/// <summary>What erasures work with.</summary>
internal sealed record ErasureEnvironment(IBroker Broker, FlowSupervisor Flows, ChangeLog Changes, ErasureProofs Proofs, TimeProvider Time)
{
    /// <summary>Topics whose messages report on many others, and how one is rewritten.</summary>
    public IReadOnlyDictionary<string, ReportRewriter> Reports { get; init; } = new Dictionary<string, ReportRewriter>();

    /// <summary>Brings into topics what waits in memory to be reported on messages.</summary>
    public Func<CancellationToken, Task> Settle { get; init; } = _ => Task.CompletedTask;
}

/// <summary>What stands in the place of a message that reports on many others, without those of a subject.</summary>
/// <param name="stored">The message.</param>
/// <param name="erased">By what it is known to report on them.</param>
/// <returns>Null if it reports on none of them.</returns>
internal delegate ErasedMessage? ReportRewriter(StoredMessage stored, ErasedNames erased);
