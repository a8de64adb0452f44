using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Sight.Figures;
using Trunkline.Testing;

namespace Trunkline.Server.Tests.Sight.Figures;

/// <summary>Figures are kept by minute, hour and day, over restarts, within their bounds.</summary>
public sealed class FigureStoreTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 30, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hours_and_days_are_the_sums_of_what_was_kept_also_when_the_node_was_away_at_their_end()
    {
        var clock = new MovableClock();
        clock.Advance(Start - clock.GetUtcNow());
        await using var broker = new MemoryBroker(clock);
        var store = new FigureStore(broker, "slo");
        for (var minute = 0; minute < 90; minute++)
        {
            clock.Advance(Start.AddMinutes(minute + 1) - clock.GetUtcNow());
            await store.AddAsync([Slot(Start.AddMinutes(minute), 1)], clock.GetUtcNow(), Cancel);
        }

        // Another store over the same broker: the node was restarted, a day later.
        clock.Advance(TimeSpan.FromHours(26));
        store = new FigureStore(broker, "slo");
        await store.AddAsync([Slot(FigureStore.StartOf(FigureSpan.Minute, clock.GetUtcNow().AddMinutes(-1)), 7)], clock.GetUtcNow(), Cancel);

        var hours = await store.ReadAsync(FigureSpan.Hour, Start, DateTimeOffset.MaxValue, Cancel);
        Assert.Equal([(Start, 60L), (Start.AddHours(1), 30L)], hours.Select(h => (h.Start, h.Values["a/b"].Counts[0])));
        var day = Assert.Single(await store.ReadAsync(FigureSpan.Day, Start, DateTimeOffset.MaxValue, Cancel));
        Assert.Equal((Start, 90L, -90L), (day.Start, day.Values["a/b"].Counts[0], day.Values["a/b"].Counts[1]));
        Assert.DoesNotContain(".place", day.Values.Keys);
        Assert.Equal(91, (await store.ReadAsync(FigureSpan.Minute, Start, DateTimeOffset.MaxValue, Cancel)).Count);
        Assert.Equal(10, (await store.ReadAsync(FigureSpan.Minute, Start.AddMinutes(20), Start.AddMinutes(30), Cancel)).Count);
    }

    [Fact]
    public void A_slot_is_read_as_it_was_written_with_quantiles_off_by_5_percent_at_most()
    {
        var (random, times) = (new Random(7), new LatencySketch());
        var all = Enumerable.Range(0, 20_000).Select(_ => Math.Exp((random.NextDouble() * 8) - 7)).ToList();
        all.ForEach(times.Add);
        var slot = new FigureSlot(FigureSpan.Hour, Start, new Dictionary<string, FigureValue>
        {
            ["h/ü\0\u202e<b>"] = FigureValue.Of(times, long.MaxValue, long.MinValue, 0),
            ["h/ü"] = FigureValue.Of(),
            [""] = FigureValue.Of(5),
        });
        var read = FigureCodec.Read(Stored(FigureCodec.Write(slot)));
        Assert.Equal((slot.Span, slot.Start), (read.Span, read.Start));
        Assert.Equal(slot.Values.Keys.Order(StringComparer.Ordinal), read.Values.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([long.MaxValue, long.MinValue, 0], read.Values["h/ü\0\u202e<b>"].Counts);
        all.Sort();
        foreach (var share in new[] { 0.5, 0.9, 0.99, 0.999 })
        {
            Assert.Equal(1, read.Values["h/ü\0\u202e<b>"].Times!.Quantile(share)!.Value / all[(int)Math.Ceiling(share * all.Count) - 1], 0.052);
        }
    }

    [Fact]
    public void Damaged_bytes_are_told_and_never_read_as_figures_of_another_shape()
    {
        var random = new Random(11);
        var times = new LatencySketch();
        times.Add(0.1);
        var bytes = FigureCodec.Write(new FigureSlot(FigureSpan.Minute, Start, new Dictionary<string, FigureValue> { ["f/a"] = FigureValue.Of(times, 1, 2), ["f/ab"] = FigureValue.Of(3) })).ToArray();
        for (var round = 0; round < 5_000; round++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                FigureCodec.Read(Stored(damaged.AsMemory(0, random.Next(damaged.Length + 1))));
            }
            catch (BrokerException told)
            {
                Assert.Equal(BrokerErrorCode.StoreDamaged, told.Code);
            }
        }
    }

    [Fact]
    public void A_thousand_hops_take_less_than_a_gigabyte()
    {
        // Busy hops: each has times within a factor of ten and waits within a hundred, and three counts.
        var random = new Random(3);
        long BytesOf(FigureSpan span, int times)
        {
            var slot = new Dictionary<string, FigureValue>();
            for (var hop = 0; hop < 1000; hop++)
            {
                var (work, wait) = (new LatencySketch(), new LatencySketch());
                for (var i = 0; i < times; i++)
                {
                    work.Add(0.005 * Math.Pow(10, random.NextDouble()));
                    wait.Add(0.0005 * Math.Pow(100, random.NextDouble() * random.NextDouble()));
                }

                slot[FormattableString.Invariant($"trunkline_hop_duration_seconds|a-flow-of-some-name-{hop}|in|")] = FigureValue.Of(work);
                slot[FormattableString.Invariant($"trunkline_queue_wait_seconds|a-flow-of-some-name-{hop}|in|")] = FigureValue.Of(wait);
                foreach (var outcome in new[] { "delivered", "filtered", "dead" })
                {
                    slot[FormattableString.Invariant($"trunkline_hop_messages_total|a-flow-of-some-name-{hop}|in|{outcome}")] = FigureValue.Of(random.Next(100_000));
                }
            }

            return FigureCodec.Write(new FigureSlot(span, Start, slot)).Length;
        }

        var total = (BytesOf(FigureSpan.Minute, 200) * 48L * 60) + (BytesOf(FigureSpan.Hour, 2_000) * 30L * 24) + (BytesOf(FigureSpan.Day, 10_000) * 731L);
        TestContext.Current.SendDiagnosticMessage($"{total} bytes");
        Assert.InRange(total, 1, 1_000_000_000);
    }

    private static FigureSlot Slot(DateTimeOffset start, long count) =>
        new(FigureSpan.Minute, start, new Dictionary<string, FigureValue> { ["a/b"] = FigureValue.Of(count, -count), [".place"] = FigureValue.Of(9) });

    private static StoredMessage Stored(ReadOnlyMemory<byte> payload) => new(new Message { ContentType = FigureCodec.ContentType, Payload = payload }, new Position(0, 0), Start);
}
