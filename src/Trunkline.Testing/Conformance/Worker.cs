using System.Collections.Concurrent;
using System.Text;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Testing.Conformance;

/// <summary>What several workers saw together: every message acknowledged, in the order of the acknowledgements of its key.</summary>
internal sealed class Harvest
{
    private readonly ConcurrentQueue<LeasedDelivery> _acked = [];

    public IReadOnlyCollection<LeasedDelivery> Acked => _acked;

    /// <summary>How many different messages were acknowledged.</summary>
    public int Distinct => _acked.Select(d => d.Stored.Position).Distinct().Count();

    public void Add(LeasedDelivery delivery) => _acked.Enqueue(delivery);

    /// <summary>The payloads of a key as acknowledged.</summary>
    public IEnumerable<string> OfKey(string key) =>
        _acked.Where(d => d.Stored.Message.Key?.ToString() == key).Select(d => Encoding.UTF8.GetString(d.Stored.Message.Payload.Span));
}

/// <summary>Fetches, handles and acknowledges with one consumer.</summary>
internal static class Worker
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Works until the condition holds. A delivery its handler returns false for is given back at once.</summary>
    public static async Task RunAsync(BrokerStand stand, LeasedConsumer consumer, Harvest harvest, Func<LeasedDelivery, bool> handle, Func<bool> done)
    {
        while (!done())
        {
            var fetched = await consumer.FetchAsync(32, Look, stand.Stop);
            var handled = fetched.ToLookup(handle);
            consumer.Nack([.. handled[false].Select(d => d.Receipt)], TimeSpan.Zero);
            var good = handled[true].ToList();
            var outcomes = await consumer.AckAsync([.. good.Select(d => d.Receipt)], stand.Stop);
            foreach (var (delivery, _) in good.Zip(outcomes).Where(pair => pair.Second == LeaseOutcome.Done))
            {
                harvest.Add(delivery);
            }
        }
    }
}
