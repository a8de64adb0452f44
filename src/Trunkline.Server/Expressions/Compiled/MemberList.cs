namespace Trunkline.Server.Expressions.Compiled;

/// <summary>
/// The members of one object, in order, names unique. Reused from message to message; read-only once it is a value. Not thread-safe.
/// </summary>
internal sealed class MemberList
{
    private const int KeptMembersMax = 512;
    private Member[] _members = new Member[16];

    public int Count { get; private set; }

    public ReadOnlySpan<Member> Members => _members.AsSpan(0, Count);

    /// <summary>Forgets all; a list grown large is let go.</summary>
    public void Clear()
    {
        if (_members.Length > KeptMembersMax)
        {
            _members = new Member[16];
        }
        else
        {
            // Texts and lists of the last message are not kept alive.
            Array.Clear(_members, 0, Count);
        }

        Count = 0;
    }

    /// <summary>Adds a member whose name is known to be new.</summary>
    public void Add(in Member member)
    {
        if (Count == _members.Length)
        {
            Array.Resize(ref _members, Count * 2);
        }

        _members[Count++] = member;
    }

    /// <summary>Adds a member, or gives the one of that name its value, in its old place.</summary>
    public void Set(in Member member, ReadOnlySpan<byte> source)
    {
        var at = IndexOf(member.Hash, member.NameIn(source), source);
        if (at < 0)
        {
            Add(member);
        }
        else
        {
            _members[at] = _members[at] with { Value = member.Value };
        }
    }

    /// <summary>Adds all members of another list.</summary>
    public void SetAll(MemberList other, ReadOnlySpan<byte> source)
    {
        var known = Count;
        foreach (ref readonly var member in other.Members)
        {
            if (known == 0)
            {
                Add(member);
            }
            else
            {
                Set(member, source);
            }
        }
    }

    /// <summary>The value of a member; undefined if there is none.</summary>
    public CompiledValue Get(MemberName name, ReadOnlySpan<byte> source)
    {
        var at = IndexOf(name.Hash, name.Utf8, source);
        return at < 0 ? default : _members[at].Value;
    }

    private int IndexOf(ulong hash, ReadOnlySpan<byte> name, ReadOnlySpan<byte> source)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_members[i].Hash == hash && _members[i].NameIn(source).SequenceEqual(name))
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>A member: its name is of the expression, or lies in the message's bytes, without escapes.</summary>
/// <param name="Name">Set if the expression wrote it.</param>
/// <param name="Start">First byte of the name in the message.</param>
/// <param name="Length">Bytes of the name in the message.</param>
/// <param name="Hash">Of the name.</param>
/// <param name="Value">The value.</param>
internal readonly record struct Member(MemberName? Name, int Start, int Length, ulong Hash, CompiledValue Value)
{
    /// <summary>The name's bytes.</summary>
    public ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> source) => Name is null ? source.Slice(Start, Length) : Name.Utf8;
}
