using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Traffic;

/// <summary>A field met in messages of one producer, with those in it. Not thread-safe.</summary>
internal sealed class FieldNode(string path, FieldNode? parent)
{
    /// <summary>An object with more members than this is taken for a map: its names are data.</summary>
    public const int MembersMax = 64;

    private readonly Dictionary<string, FieldNode> _members = new(StringComparer.Ordinal);
    private readonly List<FieldTally> _usual = [];

    /// <summary>Its <see cref="FieldPath"/>.</summary>
    public string Path => path;

    /// <summary>What it is in; null for the whole message.</summary>
    public FieldNode? Parent => parent;

    /// <summary>The windows of messages that tell what is usual, each by itself: what they differ in among themselves is usual too.</summary>
    public IReadOnlyList<FieldTally> Usual => _usual;

    /// <summary>All of them together.</summary>
    public FieldTally Learned { get; } = new();

    /// <summary>All messages whose window ended.</summary>
    public FieldTally Ever { get; } = new();

    /// <summary>The latest messages.</summary>
    public FieldTally Window { get; private set; } = new();

    /// <summary>The shift that the window before this one had; a shift is told when it stays.</summary>
    public DriftKind? Shifted { get; set; }

    /// <summary>The last message it was counted in.</summary>
    public long LastMessage { get; set; } = -1;

    /// <summary>What it last held in the window, without what stands in it; for examples.</summary>
    public string Example { get; set; } = "";

    /// <summary>True for an object whose names are data.</summary>
    public bool IsMap { get; private set; }

    /// <summary>True if not all that was in it is known: a list had more items than are looked at, or names turned out to be data.</summary>
    public bool IsCut { get; set; }

    /// <summary>The fields in it.</summary>
    public IEnumerable<FieldNode> Members => _members.Values;

    /// <summary>True if it is in a list or a map, so that a message may hold it often.</summary>
    public bool IsRepeated { get; } = parent is { IsRepeated: true } || path.EndsWith(FieldPath.Each, StringComparison.Ordinal);

    /// <summary>The field of a name, or of the items if the name is null; null if no more fields may be followed.</summary>
    public FieldNode? Member(string? name, ref int room)
    {
        var key = IsMap ? "" : name ?? "";
        if (_members.TryGetValue(key, out var known))
        {
            return known;
        }

        if (name is not null && !IsMap && _members.Count >= MembersMax)
        {
            room += Forget();
            return Member(name, ref room);
        }

        if (room <= 0)
        {
            return null;
        }

        room--;
        var member = new FieldNode(IsMap || name is null ? FieldPath.Items(path) : FieldPath.Member(path, name), this);
        _members.Add(key, member);
        return member;
    }

    /// <summary>Begins a new window.</summary>
    /// <param name="usualBefore">If what the last one held is usual, how many windows were so before it; null if it is not.</param>
    public void EndWindow(int? usualBefore)
    {
        Ever.Add(Window);
        if (usualBefore is not { } before)
        {
            Window.Clear();
            return;
        }

        while (_usual.Count < before)
        {
            _usual.Add(new FieldTally());
        }

        _usual.Add(Window);
        Window = new FieldTally();
    }

    /// <summary>Takes the usual windows so far for all that is learned.</summary>
    public void Learn()
    {
        foreach (var window in _usual)
        {
            Learned.Add(window);
            window.ForgetValues();
        }
    }

    /// <summary>Itself and all in it.</summary>
    public IEnumerable<FieldNode> All() => _members.Values.SelectMany(member => member.All()).Prepend(this);

    /// <summary>Takes its names for data from now on. What its values were is kept, what stood in them is not.</summary>
    private int Forget()
    {
        var forgotten = _members.Values.Sum(member => member.All().Count());
        var values = new FieldNode(FieldPath.Items(path), this);
        foreach (var member in _members.Values)
        {
            var kinds = member.Ever.KindsSeen | member.Window.KindsSeen;
            values.Ever.Also(kinds);
            values.IsCut |= (kinds & (FieldKinds.Object | FieldKinds.List)) != FieldKinds.None;
        }

        IsMap = true;
        _members.Clear();
        _members.Add("", values);
        return forgotten - 1;
    }
}
