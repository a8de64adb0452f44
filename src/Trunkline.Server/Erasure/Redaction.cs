using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Flows;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Erasure;

/// <summary>
/// What stands in the place of an erased message: mostly nothing. A message of outcomes keeps the rows of others, one of traces the traces of others. A parked message of a key
/// of which others wait keeps its number and key, so that these are still released in order.
/// </summary>
internal sealed class Redaction(IBroker broker, ErasureSearch search)
{
    /// <summary>The messages to erase at some places of a partition; those that hold nothing of the subject any more are left out.</summary>
    public async Task<IReadOnlyList<ErasedMessage>> OfAsync(string topic, int partition, IReadOnlyList<long> offsets, CancellationToken cancellationToken)
    {
        var isOutcomes = OutcomeTopics.FlowOf(topic) is not null;
        var isParked = FlowNames.IsParked(topic);
        if (!isOutcomes && !isParked && !search.Reports.ContainsKey(topic))
        {
            return [.. offsets.Select(offset => new ErasedMessage(new Position(partition, offset)))];
        }

        var erased = new List<ErasedMessage>();
        foreach (var offset in offsets)
        {
            if (await broker.ReadAsync(new ReadRequest(topic, partition, offset, 1), cancellationToken) is not [var stored] || stored.Position.Offset != offset)
            {
                continue;
            }

            if (isParked)
            {
                var drops = stored.Message.Key is { } key && search.DropsParked(topic, key);
                erased.Add(new ErasedMessage(stored.Position, drops ? null : ParkedKey.Erased(stored.Message)));
                continue;
            }

            if (search.Reports.TryGetValue(topic, out var report))
            {
                if (report(stored, search.Names) is { } rewritten)
                {
                    erased.Add(rewritten);
                }

                continue;
            }

            var rows = OutcomeReader.Read(stored);
            var kept = rows.Where(row => !search.IsSubjects(row)).ToList();
            if (kept.Count < rows.Count)
            {
                erased.Add(new ErasedMessage(stored.Position, kept.Count == 0 ? null : OutcomeRewriter.Of(kept)));
            }
        }

        return erased;
    }
}
