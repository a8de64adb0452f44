using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Sight.Slos;

/// <summary>Where something was counted.</summary>
/// <param name="At">When it became known.</param>
/// <param name="Tenant">The message's tenant; empty for none.</param>
/// <param name="Hop">The sink, or <c>in</c> for the flow's steps.</param>
/// <param name="Counts">What.</param>
internal readonly record struct SloCount(DateTimeOffset At, string Tenant, string Hop, SloCounts Counts);

/// <summary>
/// Counts the outcomes of one flow, from a place in its outcome topic on. Some of what stands before is read without being counted, so that repeats
/// and wrong orders are recognised over a restart. One caller at a time.
/// </summary>
internal sealed class SloFeed
{
    /// <summary>Messages of the outcome topic, each with the outcomes of a unit, that are read again after a restart.</summary>
    private const int WarmMessages = 512;

    private const int PageMessages = 256;
    private const string In = "in";

    private readonly IBroker _broker;
    private readonly string _topic;
    private readonly FidelityTally _tally;
    private Action<SloCount>? _take;
    private DateTimeOffset _at;
    private string _hop = In;
    private long _read;

    public SloFeed(IBroker broker, string flow, long next)
    {
        (_broker, _topic, Next) = (broker, OutcomeTopics.Of(flow), next);
        _read = Math.Max(0, next - WarmMessages);
        _tally = new FidelityTally { Counted = (tenant, faults, by) => _take?.Invoke(new SloCount(_at, tenant, _hop, SloCounts.Of(faults, by))) };
    }

    /// <summary>The offset of what is counted next.</summary>
    public long Next { get; private set; }

    /// <summary>The place a flow that was never counted begins at: what is there by now is left alone.</summary>
    public static async Task<long> EndAsync(IBroker broker, string flow, CancellationToken cancellationToken)
    {
        try
        {
            return (await broker.DescribeTopicAsync(OutcomeTopics.Of(flow), cancellationToken)).Partitions[0].HighOffset;
        }
        catch (BrokerException none) when (none.Code == BrokerErrorCode.TopicNotFound)
        {
            return 0;
        }
    }

    /// <summary>Counts what was written since the last time.</summary>
    public async Task CatchUpAsync(Action<SloCount> take, CancellationToken cancellationToken)
    {
        while (await PageAsync(cancellationToken) is { Count: > 0 } page)
        {
            foreach (var stored in page)
            {
                Add(stored, stored.Position.Offset >= Next ? take : null);
                _read = stored.Position.Offset + 1;
                Next = Math.Max(Next, _read);
            }
        }
    }

    private void Add(StoredMessage stored, Action<SloCount>? take)
    {
        (_take, _at) = (take, stored.AppendedAt);
        foreach (var row in OutcomeReader.Read(stored))
        {
            _hop = row.Context.Sink.Length == 0 ? In : row.Context.Sink;
            _tally.Add(row, stored.AppendedAt);
        }
    }

    private async ValueTask<IReadOnlyList<StoredMessage>> PageAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _broker.ReadAsync(new ReadRequest(_topic, 0, _read, PageMessages), cancellationToken);
        }
        catch (BrokerException none) when (none.Code == BrokerErrorCode.TopicNotFound)
        {
            return [];
        }
    }
}
