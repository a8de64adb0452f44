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
        var half = Messages < Learning / 2 ? 1 : Messages < Learning ? 2 : 0;
        Tell(json, half);
        Messages++;
        if (Messages == Learning)
        {
            Learn();
        }

        if (++_inWindow < WindowMessages)
        {
            return [];
        }

        // While it learns, only what the schema says can be judged.
        var judge = new DriftJudge(fields);
        var isLearned = Messages > Learning;
        List<DriftFinding> found = [.. Root.All().Select(node => judge.Judge(node, isLearned)).OfType<DriftFinding>()];
        foreach (var node in Root.All())
        {
            node.Ever.Add(node.Window);
            node.Window.Clear();
        }

        _inWindow = 0;
        return found;
    }

    private void Tell(JsonIndex? json, int half)
    {
        if (json is null)
        {
            Opaque++;
            return;
        }

        // Looked at twice while it learns: as what is usual, and as a window that the schema is held to.
        var walk = new FieldWalk(json, 2 * Messages, static node => node.Window) { Room = _room };
        walk.Value(Root, 0, 0);
        if (half > 0)
        {
            var learn = new FieldWalk(json, (2 * Messages) + 1, half == 1 ? static node => node.First : static node => node.Second) { Room = walk.Room };
            learn.Value(Root, 0, 0);
            walk.Room = learn.Room;
        }

        _room = walk.Room;
    }

    private void Learn()
    {
        foreach (var node in Root.All())
        {
            node.Learned.Add(node.First);
            node.Learned.Add(node.Second);
        }
    }
}
