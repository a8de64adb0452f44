namespace Trunkline.Brokers.Embedded.Tests.Damage;

/// <summary>The end of the log as a power loss may leave it: nobody was told of these groups, so a torn one goes, whole, and nothing else.</summary>
public class TornGroupTests
{
    private const int Settled = 3;

    [Fact]
    public async Task Cut_at_any_byte_of_the_last_group_the_store_ends_with_the_group_before()
    {
        using var store = await GroupedStore.UnmarkedAsync(Settled, 2, 40);
        foreach (var length in Sample.Of(store.Ends[1], store.Ends[2], 40).Append(store.Ends[2]))
        {
            using var torn = store.WithLog(store.Log[..(int)length]);
            Assert.Equal(length == store.Ends[2] ? Settled + 2 : Settled + 1, await store.GroupsAsync(torn));
        }
    }

    [Fact]
    public async Task A_last_group_whose_end_or_start_is_zero_is_not_there_or_told()
    {
        using var store = await GroupedStore.UnmarkedAsync(Settled, 2, 800);
        var (start, end) = ((int)store.Ends[1], (int)store.Ends[2]);
        foreach (var at in Sample.Of(start + 1, end, 10).Select(at => (int)at))
        {
            foreach (var (from, until) in new[] { (at, end), (start, at) })
            {
                var log = store.Log.ToArray();
                Array.Clear(log, from, until - from);
                using var torn = store.WithLog(log);

                // Bytes that are zero anyway take nothing away: the group's last ones are.
                var untouched = log.AsSpan().SequenceEqual(store.Log);
                Assert.Contains(await store.GroupsAsync(torn), untouched ? new int?[] { Settled + 2 } : [Settled + 1, null]);
            }
        }
    }

    [Theory]
    [InlineData(200)]
    [InlineData(40_000)]
    public async Task The_first_of_three_last_groups_missing_before_the_others_is_not_skipped_in_silence(int size)
    {
        using var store = await GroupedStore.UnmarkedAsync(Settled, 3, size);
        var log = store.Log.ToArray();
        Array.Clear(log, (int)store.Ends[0], (int)(store.Ends[1] - store.Ends[0]));
        using var torn = store.WithLog(log);
        Assert.Contains(await store.GroupsAsync(torn), new int?[] { Settled, null });
    }
}
