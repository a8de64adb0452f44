using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Groups;

/// <summary>
/// Who owns which partition of which topic in which group, and in which term. Partitions move only as far as needed to
/// keep the members' shares within one of each other. A partition given to a member (also the same one, after a seek) gets
/// a new term, and tokens of older terms no longer fit it.
/// Not thread-safe: a broker calls it under the lock that also orders its commits, so that no commit slips between the
/// check of a token and the change of an owner.
/// </summary>
/// <param name="epoch">The terms begin above it: a store that outlives the process passes a higher one at each start.</param>
internal sealed class GroupRegistry(long epoch = 0)
{
    private readonly Dictionary<(string Topic, string Group), Group> _groups = [];
    private long _epoch = epoch;

    /// <summary>Adds a member and shares the partitions anew.</summary>
    public GroupMember Join(string topic, string group, int partitions)
    {
        if (!_groups.TryGetValue((topic, group), out var state))
        {
            state = new Group(partitions);
            _groups.Add((topic, group), state);
        }

        var member = new GroupMember(topic, group, Guid.NewGuid().ToString("N"));
        state.Members.Add(member);
        Share(state);
        return member;
    }

    /// <summary>Removes a member; its partitions go to the others at once. Idempotent.</summary>
    public void Leave(GroupMember member)
    {
        if (!_groups.TryGetValue((member.Topic, member.Group), out var state) || !state.Members.Remove(member))
        {
            return;
        }

        member.Ended ??= BrokerErrorCode.Closed;
        member.Signal.Set();
        if (state.Members.Count == 0)
        {
            _groups.Remove((member.Topic, member.Group));
        }
        else
        {
            Share(state);
        }
    }

    /// <summary>True if the token is the partition's owner's, of its current term or a later one of the same owner.</summary>
    public bool Owns(FencingToken token, string topic, int partition) =>
        _groups.TryGetValue((topic, token.Group), out var state)
        && (uint)partition < (uint)state.Owners.Length
        && state.Owners[partition] is { } owner
        && owner.Id == token.Member
        && token.Epoch >= state.Epochs[partition]
        && token.Epoch <= owner.Fence.Epoch;

    /// <summary>Gives the partitions (null: all) to their owners anew, in a new term: after a seek.</summary>
    public void Reassign(string topic, string group, IReadOnlyCollection<int>? partitions)
    {
        if (!_groups.TryGetValue((topic, group), out var state))
        {
            return;
        }

        _epoch++;
        for (var partition = 0; partition < state.Owners.Length; partition++)
        {
            if (partitions?.Contains(partition) ?? true)
            {
                state.Epochs[partition] = _epoch;
                state.Owners[partition]?.Signal.Set();
            }
        }
    }

    /// <summary>Ends all members of a topic that was deleted.</summary>
    public void RemoveTopic(string topic)
    {
        foreach (var (key, state) in _groups.Where(g => g.Key.Topic == topic).ToArray())
        {
            End(state, BrokerErrorCode.TopicNotFound);
            _groups.Remove(key);
        }
    }

    /// <summary>Ends all members: the broker closes.</summary>
    public void Close()
    {
        foreach (var state in _groups.Values)
        {
            End(state, BrokerErrorCode.Closed);
        }

        _groups.Clear();
    }

    /// <summary>True if the group has a member on the topic.</summary>
    public bool HasMembers(string topic, string group) => _groups.ContainsKey((topic, group));

    /// <summary>The groups with a member on the topic.</summary>
    public IEnumerable<string> GroupsOf(string topic) => _groups.Keys.Where(k => k.Topic == topic).Select(k => k.Group);

    /// <summary>Wakes all members of a topic: something was appended or removed.</summary>
    public void Wake(string topic)
    {
        foreach (var (key, state) in _groups)
        {
            if (key.Topic == topic)
            {
                state.Members.ForEach(m => m.Signal.Set());
            }
        }
    }

    /// <summary>
    /// What the member has to be told next, or null; what was taken away first. Taking it counts as told: the member's
    /// token becomes the current one when it is given partitions.
    /// </summary>
    public GroupChange? TakeChange(GroupMember member)
    {
        if (member.Ended is not null || !_groups.TryGetValue((member.Topic, member.Group), out var state))
        {
            return null;
        }

        var lost = member.Told.Where(t => state.Owners[t.Key] != member || state.Epochs[t.Key] != t.Value)
            .Select(t => t.Key).Order().ToArray();
        if (lost.Length > 0)
        {
            Array.ForEach(lost, p => member.Told.Remove(p));
            return new GroupChange(false, lost);
        }

        var won = Enumerable.Range(0, state.Owners.Length)
            .Where(p => state.Owners[p] == member && !member.Told.ContainsKey(p)).ToArray();
        if (won.Length == 0)
        {
            return null;
        }

        Array.ForEach(won, p => member.Told[p] = state.Epochs[p]);
        member.Fence = member.Fence with { Epoch = _epoch };
        return new GroupChange(true, won);
    }

    private static void End(Group state, BrokerErrorCode why)
    {
        foreach (var member in state.Members)
        {
            member.Ended = why;
            member.Signal.Set();
        }
    }

    /// <summary>Takes what members have above their share, then gives what is free to those with the least.</summary>
    private void Share(Group state)
    {
        _epoch++;
        var shares = state.Members.ToDictionary(m => m, _ => new List<int>());
        var free = new Queue<int>();
        for (var partition = 0; partition < state.Owners.Length; partition++)
        {
            if (state.Owners[partition] is { } owner && shares.TryGetValue(owner, out var share))
            {
                share.Add(partition);
            }
            else
            {
                free.Enqueue(partition);
            }
        }

        var (least, extra) = Math.DivRem(state.Owners.Length, state.Members.Count);
        foreach (var member in state.Members.OrderByDescending(m => shares[m].Count))
        {
            var allowed = extra > 0 ? least + 1 : least;
            var share = shares[member];
            for (; share.Count > allowed; share.RemoveAt(share.Count - 1))
            {
                free.Enqueue(share[^1]);
            }

            extra -= share.Count > least ? 1 : 0;
        }

        while (free.TryDequeue(out var partition))
        {
            var member = state.Members.MinBy(m => shares[m].Count)!;
            shares[member].Add(partition);
            state.Owners[partition] = member;
            state.Epochs[partition] = _epoch;
        }

        state.Members.ForEach(m => m.Signal.Set());
    }

    /// <summary>The members in the order they joined; per partition its owner and the term it was given in.</summary>
    private sealed class Group(int partitions)
    {
        public List<GroupMember> Members { get; } = [];

        public GroupMember?[] Owners { get; } = new GroupMember?[partitions];

        public long[] Epochs { get; } = new long[partitions];
    }
}
