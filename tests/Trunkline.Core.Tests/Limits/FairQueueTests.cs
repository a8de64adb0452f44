using CsCheck;
using Trunkline.Core.Limits;

namespace Trunkline.Core.Tests.Limits;

public sealed class FairQueueTests
{
    [Fact]
    public void A_tenant_with_a_flood_delays_others_by_no_more_than_its_share()
    {
        var queue = new FairQueue<string>(10_000);
        for (var i = 0; i < 5_000; i++)
        {
            queue.TryEnqueue("flood", new WorkShare("flood", 5));
        }

        for (var i = 0; i < 10; i++)
        {
            queue.TryEnqueue("quiet", new WorkShare("quiet", 5));
        }

        Assert.Equal(10, Take(queue, 20).Count(t => t == "quiet"));
    }

    [Fact]
    public void A_tenant_that_is_held_back_is_passed_over_and_saves_nothing_up()
    {
        var queue = new FairQueue<string>(1_000);
        for (var i = 0; i < 20; i++)
        {
            queue.TryEnqueue("held", new WorkShare("held", 5));
            queue.TryEnqueue("free", new WorkShare("free", 5));
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.True(queue.TryDequeue(tenant => tenant == "held", out var item));
            Assert.Equal("free", item);
        }

        var next = Enumerable.Range(0, 10).Select(_ => queue.TryDequeue(out var item) ? item : null).ToArray();
        Assert.InRange(next.Count(item => item == "held"), 4, 6);
        while (queue.TryDequeue(tenant => tenant == "held", out _))
        {
        }

        Assert.True(queue.Count > 0);
        Assert.False(queue.TryDequeue(_ => true, out _));
        Assert.True(queue.TryDequeue(out _));
    }

    [Fact]
    public void Tenants_are_served_by_their_weights()
    {
        var queue = new FairQueue<string>(1_000);
        for (var i = 0; i < 300; i++)
        {
            queue.TryEnqueue("one", new WorkShare("one", 5));
            queue.TryEnqueue("three", new WorkShare("three", 5) { Weight = 3 });
        }

        Assert.InRange(Take(queue, 100).Count(t => t == "three"), 73, 77);
    }

    [Fact]
    public void A_priority_moves_work_before_other_work_of_its_tenant_only()
    {
        var queue = new FairQueue<string>(100);
        queue.TryEnqueue("a-low", new WorkShare("a", 9));
        queue.TryEnqueue("b-low", new WorkShare("b", 9));
        queue.TryEnqueue("a-high", new WorkShare("a", 0));
        queue.TryEnqueue("a-mid", new WorkShare("a", 5));

        Assert.Equal(["a-high", "b-low", "a-mid", "a-low"], Take(queue, 4));
    }

    [Fact]
    public void Who_comes_back_for_one_thing_at_a_time_gets_no_more_than_its_share()
    {
        var queue = new FairQueue<string>(1_000);
        for (var i = 0; i < 200; i++)
        {
            queue.TryEnqueue("a", new WorkShare("a", 5));
            queue.TryEnqueue("b", new WorkShare("b", 5));
        }

        queue.TryEnqueue("single", new WorkShare("single", 5));
        var single = 0;
        for (var i = 0; i < 90; i++)
        {
            Assert.True(queue.TryDequeue(out var taken));
            if (taken == "single")
            {
                single++;
                queue.TryEnqueue("single", new WorkShare("single", 5));
            }
        }

        Assert.InRange(single, 28, 32);
    }

    [Fact]
    public void At_the_bound_it_refuses_and_a_removed_place_is_free_again()
    {
        var queue = new FairQueue<int>(2);
        var place = queue.TryEnqueue(1, new WorkShare("a", 5));
        queue.TryEnqueue(2, new WorkShare("b", 5));

        Assert.Null(queue.TryEnqueue(3, new WorkShare("c", 5)));
        Assert.True(queue.Remove(place!));
        Assert.False(queue.Remove(place!));
        Assert.NotNull(queue.TryEnqueue(3, new WorkShare("c", 5)));
        Assert.True(queue.TryDequeue(out var first));
        Assert.True(queue.TryDequeue(out var second));
        Assert.Equal((2, 3), (first, second));
        Assert.False(queue.TryDequeue(out _));
    }

    /// <summary>Whatever is put in, taken and removed: nothing is lost or doubled, and a tenant's equal work keeps its order.</summary>
    [Fact]
    public void Everything_put_in_comes_out_once_and_in_order()
    {
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9], Gen.Int[0, 2]).Array[0, 200].Sample(steps =>
        {
            var queue = new FairQueue<(int Tenant, int Priority, int Number)>(100);
            var places = new List<FairQueue<(int, int, int)>.Place>();
            var (put, removed, refused) = (0, 0, 0);
            var taken = new List<(int Tenant, int Priority, int Number)>();
            foreach (var (tenant, priority, what) in steps)
            {
                if (what < 2)
                {
                    var place = queue.TryEnqueue((tenant, priority, put), new WorkShare($"t{tenant}", priority));
                    put++;
                    refused += place is null ? 1 : 0;
                    places.AddRange(place is null ? [] : [place]);
                }
                else if (priority < 3 && places.Count > 0)
                {
                    removed += queue.Remove(places[^1]) ? 1 : 0;
                }
                else if (queue.TryDequeue(out var item))
                {
                    taken.Add(item);
                }
            }

            var before = taken.Count;
            while (queue.TryDequeue(out var item))
            {
                taken.Add(item);
            }

            return taken.Count == taken.Distinct().Count() && taken.Count + removed + refused == put && queue.Count == 0
                && taken.Skip(before).GroupBy(t => (t.Tenant, t.Priority)).All(g => g.Select(t => t.Number).SequenceEqual(g.Select(t => t.Number).Order()));
        });
    }

    private static List<string> Take(FairQueue<string> queue, int count)
    {
        var taken = new List<string>();
        while (taken.Count < count && queue.TryDequeue(out var item))
        {
            taken.Add(item);
        }

        return taken;
    }
}
