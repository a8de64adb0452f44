using CsCheck;
using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Tests.Groups;

public class GroupRegistryTests
{
    private const int Partitions = 7;

    [Fact]
    public void After_any_joins_and_leaves_each_partition_has_one_owner_and_shares_differ_by_at_most_one()
    {
        // At least 4: a join; below: the member of that number leaves.
        Gen.Int[0, 9].Array[1, 40].Sample(steps =>
        {
            var registry = new GroupRegistry();
            var members = new List<GroupMember>();
            var owned = new Dictionary<GroupMember, HashSet<int>>();
            foreach (var step in steps)
            {
                if (step >= 4 || members.Count == 0)
                {
                    members.Add(registry.Join("t", "g", Partitions));
                    owned[members[^1]] = [];
                }
                else
                {
                    var leaver = members[step % members.Count];
                    members.Remove(leaver);
                    registry.Leave(leaver);
                }

                members.ForEach(m => Follow(registry, m, owned[m]));
                if (members.Count > 0)
                {
                    Assert.Equal(Enumerable.Range(0, Partitions), members.SelectMany(m => owned[m]).Order());
                    Assert.InRange(members.Max(m => owned[m].Count) - members.Min(m => owned[m].Count), 0, 1);
                    Assert.All(members, m => Assert.All(owned[m], p => Assert.True(registry.Owns(m.Fence, "t", p))));
                }
            }
        });
    }

    [Fact]
    public void A_join_moves_no_partition_between_members_that_were_there()
    {
        var registry = new GroupRegistry();
        var (first, second) = (registry.Join("t", "g", Partitions), registry.Join("t", "g", Partitions));
        var (ofFirst, ofSecond) = (Follow(registry, first, []), Follow(registry, second, []));
        var third = registry.Join("t", "g", Partitions);
        Assert.Subset(ofFirst, Follow(registry, first, [.. ofFirst]));
        Assert.Subset(ofSecond, Follow(registry, second, [.. ofSecond]));
        Assert.Equal(2, Follow(registry, third, []).Count);
    }

    [Fact]
    public void A_token_of_before_the_partition_moved_away_and_back_is_refused()
    {
        var registry = new GroupRegistry();
        var member = registry.Join("t", "g", 2);
        var owned = Follow(registry, member, []);
        var old = member.Fence;

        var other = registry.Join("t", "g", 2);
        var moved = Assert.Single(Follow(registry, other, []));
        Assert.False(registry.Owns(old, "t", moved));
        registry.Leave(other);
        Assert.False(registry.Owns(old, "t", moved));
        Assert.True(registry.Owns(old, "t", 1 - moved));

        Follow(registry, member, owned);
        Assert.True(registry.Owns(member.Fence, "t", moved));
    }

    [Fact]
    public void A_reader_is_not_told_the_new_token_before_it_is_told_of_the_partitions()
    {
        var registry = new GroupRegistry();
        var member = registry.Join("t", "g", 2);
        Follow(registry, member, []);
        var old = member.Fence;
        registry.Reassign("t", "g", [0]);
        Assert.Equal(old, member.Fence);
        Assert.True(registry.Owns(old, "t", 1));
        Assert.Equal(new[] { 0 }, registry.TakeChange(member)!.Value.Partitions);
        Assert.Equal(old, member.Fence);
        Assert.True(registry.TakeChange(member)!.Value.Assigned);
        Assert.True(member.Fence.Epoch > old.Epoch);
    }

    [Fact]
    public void Members_of_a_deleted_topic_end()
    {
        var registry = new GroupRegistry();
        var member = registry.Join("t", "g", 2);
        var woken = member.Signal.Next;
        registry.RemoveTopic("t");
        Assert.True(woken.IsCompleted);
        Assert.Equal(BrokerErrorCode.TopicNotFound, member.Ended);
        Assert.False(registry.HasMembers("t", "g"));
    }

    /// <summary>Takes all changes and applies them to what the member believes it owns.</summary>
    private static HashSet<int> Follow(GroupRegistry registry, GroupMember member, HashSet<int> owned)
    {
        while (registry.TakeChange(member) is { } change)
        {
            foreach (var partition in change.Partitions)
            {
                Assert.True(change.Assigned ? owned.Add(partition) : owned.Remove(partition));
            }
        }

        return owned;
    }
}
