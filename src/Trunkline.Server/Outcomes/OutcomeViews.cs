using System.Text;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Outcomes;

/// <summary>
/// Answers what became of messages, and fidelity, from the outcome topics of all flows, also of flows that are in no revision any more.
/// Thread-safe; questions are answered one after the other.
/// </summary>
internal sealed class OutcomeViews(IBroker broker) : IDisposable
{
    /// <summary>Messages one look-up gives at most, the newest.</summary>
    public const int FoundMax = 1000;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, FlowOutcomes> _flows = new(StringComparer.Ordinal);
    private readonly LaterFacts _facts = new(broker);

    /// <summary>Stores what was told later; see <see cref="LaterFacts.AppendAsync"/>.</summary>
    public Task<IReadOnlyList<bool>> TellAsync(IReadOnlyList<LaterFact> facts, CancellationToken cancellationToken) => _facts.AppendAsync(facts, cancellationToken);

    /// <summary>What became of the messages with an id, or a receipt of an outbox's sink, or a key; the newest, at most so many.</summary>
    public async Task<IReadOnlyList<Outcome>> FindAsync(OutcomeQuery query, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await _facts.CatchUpAsync(cancellationToken);
            var outcomes = new List<Outcome>();
            foreach (var flow in await FlowsAsync(query.Flow, cancellationToken))
            {
                outcomes.AddRange(await FindAsync(flow, query, cancellationToken));
            }

            outcomes.Sort(static (a, b) => a.At.CompareTo(b.At));
            return outcomes.Count > query.Limit ? outcomes[^query.Limit..] : outcomes;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The newest messages of one flow with one outcome, newest first; those it has no more by now are left out.</summary>
    /// <returns>The messages, and where to look further back; null if all was looked through.</returns>
    public async Task<(IReadOnlyList<Outcome> Outcomes, long? Before)> ListAsync(OutcomeListing asked, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if ((await FlowsAsync(asked.Flow, cancellationToken)) is not [var flow])
            {
                return ([], null);
            }

            await _facts.CatchUpAsync(cancellationToken);
            var (rows, before) = await flow.NewestAsync(asked.Fits, asked.Since, asked.Before, asked.Limit, cancellationToken);
            var outcomes = new List<Outcome>();
            foreach (var (partition, offset) in rows.Select(row => (row.Partition, row.Offset)).Distinct())
            {
                var place = new OutcomeQuery(OutcomeWanted.Place(partition, offset), flow.Flow, FoundMax);
                outcomes.AddRange((await FindAsync(flow, place, cancellationToken)).Where(asked.IsStill));
            }

            return (outcomes, before);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What was told later since a time, by kind.</summary>
    public async Task<IReadOnlyDictionary<string, FactTally>> CountFactsAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await _facts.CatchUpAsync(cancellationToken);
            return _facts.Count(since);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The newest facts of a kind, newest first; and where to look further back.</summary>
    public async Task<(IReadOnlyList<LaterFact> Facts, long? Before)> ListFactsAsync(FactListing asked, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await _facts.CatchUpAsync(cancellationToken);
            return await _facts.NewestAsync(asked, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Counts per flow and tenant since a time; flows without outcomes are left out.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, FidelityBucket>>> CountAsync(
        string? flow, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var counts = new SortedDictionary<string, IReadOnlyDictionary<string, FidelityBucket>>(StringComparer.Ordinal);
            foreach (var one in await FlowsAsync(flow, cancellationToken))
            {
                if (one.Tally.Since(since) is { Count: > 0 } found)
                {
                    counts.Add(one.Flow, found);
                }
            }

            return counts;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<List<FlowOutcomes>> FlowsAsync(string? only, CancellationToken cancellationToken)
    {
        var names = (await broker.ListTopicsAsync(cancellationToken)).Select(topic => OutcomeTopics.FlowOf(topic.Settings.Name)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _flows.Keys.Where(name => !names.Contains(name)).ToArray())
        {
            _flows.Remove(gone);
        }

        var flows = new List<FlowOutcomes>();
        foreach (var name in names.Where(name => only is null || name == only).Order(StringComparer.Ordinal))
        {
            if (!_flows.TryGetValue(name, out var flow))
            {
                _flows.Add(name, flow = new FlowOutcomes(broker, name));
            }

            await flow.CatchUpAsync(cancellationToken);
            flows.Add(flow);
        }

        return flows;
    }

    private async Task<List<Outcome>> FindAsync(FlowOutcomes flow, OutcomeQuery query, CancellationToken cancellationToken)
    {
        var rows = await flow.FindAsync(query.Wanted, query.Limit, cancellationToken);

        // A receipt is the id of a sink's row; that row names the place of the message.
        var places = rows.Where(found => found.Row.Context.Sink.Length > 0).Select(found => (found.Row.Partition, found.Row.Offset)).Distinct().ToArray();
        var own = rows.Where(found => found.Row.Context.Sink.Length == 0).ToList();
        foreach (var (partition, offset) in places)
        {
            own.AddRange((await flow.FindAsync(OutcomeWanted.Place(partition, offset), query.Limit, cancellationToken)).Where(found => found.Row.Context.Sink.Length == 0));
        }

        var outcomes = new List<Outcome>();
        foreach (var message in own.GroupBy(found => (Encoding.UTF8.GetString(found.Row.Id.Span), found.Row.Context.Source)))
        {
            outcomes.Add(await JoinAsync(flow, [.. message.DistinctBy(found => (found.Row.Partition, found.Row.Offset, found.At, found.Row.State))], cancellationToken));
        }

        return outcomes;
    }

    private async Task<Outcome> JoinAsync(FlowOutcomes flow, List<(OutcomeRow Row, DateTimeOffset At)> rows, CancellationToken cancellationToken)
    {
        var (row, at) = rows[^1];
        var id = Encoding.UTF8.GetString(row.Id.Span);
        var told = row.Context.Sinks.Any(sink => sink.Outbox)
            ? (await flow.FindAsync(OutcomeWanted.Place(row.Partition, row.Offset), FoundMax, cancellationToken)).FindAll(found => found.Row.Context.Sink.Length > 0)
            : [];
        var receipts = row.Context.Sinks.Select(sink => Receipt(flow.Flow, row, id, sink, at, told)).ToArray();
        var key = row.Key is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;
        var facts = await _facts.FindAsync(id, [.. receipts.Select(receipt => receipt.Receipt)], key, cancellationToken);
        return new Outcome(flow.Flow, row, at, rows.Count(found => found.Row.State == OutcomeState.Delivered), receipts, facts);
    }

    private static OutcomeReceipt Receipt(
        string flow, in OutcomeRow row, string id, OutcomeSink sink, DateTimeOffset at, List<(OutcomeRow Row, DateTimeOffset At)> told)
    {
        var receipt = StableId.Of(row.Context.Source, id, flow, sink.Name);
        if (!sink.Outbox)
        {
            return new OutcomeReceipt(sink.Name, receipt, OutcomeState.Delivered, at, 1, null);
        }

        return told.FindLast(found => found.Row.Context.Sink == sink.Name) is { Row.Context: not null } last
            ? new OutcomeReceipt(sink.Name, Encoding.UTF8.GetString(last.Row.Id.Span), last.Row.State, last.At, last.Row.Attempts, last.Row.Cause)
            : new OutcomeReceipt(sink.Name, receipt, null, null, 0, null);
    }
}

/// <summary>A question for outcomes.</summary>
/// <param name="Wanted">What is looked for.</param>
/// <param name="Flow">Only this flow's; null for all.</param>
/// <param name="Limit">1 to <see cref="OutcomeViews.FoundMax"/>.</param>
internal sealed record OutcomeQuery(OutcomeWanted Wanted, string? Flow, int Limit);

/// <summary>Which messages of a flow are listed.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="State">Their outcome; of a sink's, when one is named.</param>
/// <param name="Cause">Code of the failure; null for any.</param>
/// <param name="Sink">The sink that gave them up; null for the flow itself.</param>
/// <param name="Since">Written at this time or later.</param>
/// <param name="Before">Where to look further back; null for the newest.</param>
/// <param name="Limit">About how many.</param>
internal sealed record OutcomeListing(string Flow, OutcomeState State, string? Cause, string? Sink, DateTimeOffset Since, long? Before, int Limit)
{
    public bool Fits(OutcomeRow row) => row.Context.Sink == (Sink ?? "") && row.State == State && IsCause(row.Cause);

    /// <summary>Whether it still is what became of it: a redrive may have led to another outcome since.</summary>
    public bool IsStill(Outcome outcome) => Sink is null
        ? outcome.Row.State == State && IsCause(outcome.Row.Cause)
        : outcome.Sinks.Any(sink => sink.Sink == Sink && sink.State == State && IsCause(sink.Cause));

    private bool IsCause(string? cause) => Cause is null || cause == Cause;
}
