using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Traffic;

/// <summary>
/// What one producer's messages of a topic hold: learned from the first <see cref="Learning"/>, then looked at in windows of <see cref="WindowMessages"/>. Bounded; not thread-safe.
/// </summary>
internal sealed class ProducerProfile
{
    /// <summary>Messages that tell what is usual.</summary>
    public const int Learning = 1000;

    /// <summary>Messages that are judged together.</summary>
    public const int WindowMessages = 200;

    /// <summary>Fields that are followed; more are left out.</summary>
    public const int FieldsMax = 300;

    /// <summary>Versions of schemas that are counted apart.</summary>
    public const int VersionsMax = 16;

    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private int _room = FieldsMax;
    private int _inWindow;
    private int _windows;
    private SchemaFields? _declared;

    /// <summary>The whole message.</summary>
    public FieldNode Root { get; } = new("", null);

    /// <summary>All messages seen.</summary>
    public long Messages { get; private set; }

    /// <summary>Messages that are no JSON and no data of a known schema.</summary>
    public long Opaque { get; private set; }

    /// <summary>True once it is known what is usual.</summary>
    public bool IsLearned => Messages >= Learning;

    /// <summary>Messages by the schema they name; the empty name for those that name none.</summary>
    public IReadOnlyDictionary<string, long> Versions => _versions;

    /// <summary>Fields the newest schema declares that never came, by path; null while it learns, or without a schema.</summary>
    public IEnumerable<string>? NeverSeen()
    {
        if (!IsLearned || _declared is not { } declared)
        {
            return null;
        }

        var seen = Root.All().Select(node => node.Path).ToHashSet(StringComparer.Ordinal);
        return declared.All.Keys.Where(path => !seen.Contains(path) && (FieldPath.Parent(path) is not { } parent || seen.Contains(parent))).Order(StringComparer.Ordinal);
    }

    /// <summary>Looks at a message; gives what changed when a window is full.</summary>
    /// <param name="json">Its data as JSON; null if it has no such form.</param>
    /// <param name="version">The schema it names; empty for none.</param>
    /// <param name="fields">The fields of the schema; null for none.</param>
    public IReadOnlyList<DriftFinding> Add(JsonIndex? json, string version, SchemaFields? fields)
    {
        if (_versions.ContainsKey(version) || _versions.Count < VersionsMax)
        {
            _versions[version] = _versions.GetValueOrDefault(version) + 1;
        }

        _declared = fields ?? _declared;
        Tell(json);
        Messages++;
        return ++_inWindow < WindowMessages ? [] : EndWindow(fields);
    }

    private List<DriftFinding> EndWindow(SchemaFields? fields)
    {
        _inWindow = 0;
        var nodes = Root.All().ToList();
        var judge = new DriftJudge(fields);

        // While it learns, only what the schema says can be judged.
        var isLearning = Messages <= Learning;
        var found = new List<DriftFinding>();
        foreach (var node in nodes)
        {
            var shift = isLearning ? null : Stayed(node);
            if ((judge.Judge(node, !isLearning) ?? shift) is { } finding)
            {
                found.Add(finding);
            }
        }

        nodes.ForEach(node => node.EndWindow(isLearning ? _windows : null));
        _windows++;
        if (Messages == Learning)
        {
            nodes.ForEach(node => node.Learn());
        }

        return found;
    }

    /// <summary>A shift that was there in the window before as well: what passes is none.</summary>
    private static DriftFinding? Stayed(FieldNode node)
    {
        var shift = ShiftJudge.Judge(node);
        var stayed = shift?.Kind == node.Shifted ? shift : null;
        node.Shifted = shift?.Kind;
        return stayed;
    }

    private void Tell(JsonIndex? json)
    {
        if (json is null)
        {
            Opaque++;
            return;
        }

        var walk = new FieldWalk(json, Messages) { Room = _room };
        walk.Value(Root, 0, 0);
        _room = walk.Room;
    }
}
