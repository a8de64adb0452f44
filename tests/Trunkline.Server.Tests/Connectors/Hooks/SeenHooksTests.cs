using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Hooks;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Connectors.Hooks;

public sealed class SeenHooksTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_taken_is_known_as_long_as_asked_and_then_dropped()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var broker = new MemoryBroker(time);
        var seen = new SeenHooks(broker, "source.f", TimeSpan.FromDays(1), time);
        var ids = Enumerable.Range(0, 500).Select(i => StableId.Of($"{i}")).ToArray();
        await CommitAsync(broker, seen, ids);
        time.Advance(TimeSpan.FromHours(24));
        Assert.True(await seen.IsSeenAsync(ids[7], Cancel));
        time.Advance(TimeSpan.FromHours(12));
        for (var i = 0; i < 5; i++)
        {
            Assert.False(await seen.IsSeenAsync(ids[7], Cancel));
            await CommitAsync(broker, seen, [StableId.Of($"new {i}")]);
        }

        Assert.Equal(5, await broker.ScanStateAsync("source.f", 0, default, Cancel).CountAsync(Cancel));
    }

    private static async Task CommitAsync(MemoryBroker broker, SeenHooks seen, IEnumerable<string> ids)
    {
        var unit = new UnitDraft();
        seen.Record(ids, unit);
        await broker.CommitAsync(unit.Build(null), Cancel);
        seen.Committed();
    }
}
