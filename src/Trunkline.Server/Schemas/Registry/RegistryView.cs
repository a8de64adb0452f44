using System.Collections.Concurrent;
using System.Globalization;
using Trunkline.Server.Schemas.Formats;

namespace Trunkline.Server.Schemas.Registry;

/// <summary>
/// What the topic <c>trunkline.schemas</c> says, ready to be asked. Read by many at once, written by the one that reads the topic or writes it.
/// </summary>
internal sealed class RegistryView
{
    private readonly ConcurrentDictionary<string, SchemaVersion[]> _subjects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Context, int Id), SchemaVersion> _byId = new();
    private readonly ConcurrentDictionary<string, int> _highest = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SubjectConfig> _configs = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private volatile RegistryIndex? _index;
    private bool _isComplete;

    /// <summary>Every subject that has, or had, a version.</summary>
    public IEnumerable<string> Subjects => _subjects.Keys;

    /// <summary>The settings by subject, context (<c>:.name:</c>) or, for all, the empty name.</summary>
    public IReadOnlyDictionary<string, SubjectConfig> Configs => _configs;

    /// <summary>The versions of a subject, by number, also those that are deleted or gone.</summary>
    public IReadOnlyList<SchemaVersion> Versions(SubjectName subject) => _subjects.GetValueOrDefault(subject.ToString()) ?? [];

    /// <summary>The schema of an id; null if it is not, or no longer, known.</summary>
    public SchemaContent? Find(string context, int id) => _byId.GetValueOrDefault((context, id))?.Content;

    /// <summary>The schema of a GUID; null if it is not, or no longer, known.</summary>
    public SchemaContent? Find(Guid guid) => Index.Find(guid);

    /// <summary>The id a content has in a context; null if it has none.</summary>
    public int? IdOf(string context, SchemaContent content) => Index.IdOf(context, content.Type, content.Guid());

    /// <summary>The id a GUID has in a context; null if it has none.</summary>
    public int? IdOf(string context, Guid guid) => SchemaFormats.Names.Select(type => Index.IdOf(context, type, guid)).FirstOrDefault(id => id is not null);

    /// <summary>What ids go on above since a restore; null if there was none.</summary>
    public IdFloor? Floor { get; private set; }

    /// <summary>The highest id that is not given any more in a context.</summary>
    public int HighestId(string context) => Math.Max(_highest.GetValueOrDefault(context), Floor?.Id ?? 0);

    /// <summary>The highest id of all contexts.</summary>
    public int HighestId() => _highest.Values.Append(Floor?.Id ?? 0).Max();

    /// <summary>Takes in what ids go on above.</summary>
    public void Apply(IdFloor floor) => Floor = floor;

    /// <summary>Takes in what the topic says of a version.</summary>
    public void Apply(SchemaVersion version)
    {
        lock (_gate)
        {
            _subjects[version.Subject] = With(_subjects.GetValueOrDefault(version.Subject) ?? [], version);
            if (_isComplete)
            {
                Show(version);
                Index.Add(version);
                Forget(version);
            }
        }
    }

    /// <summary>All of the topic was taken in. Until then nobody asks, and what is gone by now is not looked at on the way.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            foreach (var version in _subjects.Values.SelectMany(versions => versions))
            {
                Show(version);
            }
        }
    }

    private void Show(SchemaVersion version)
    {
        var context = SubjectName.Parse(version.Subject).Context;
        _highest.AddOrUpdate(context, version.Id, (_, highest) => Math.Max(highest, version.Id));
        if (version.HasContent)
        {
            _byId[(context, version.Id)] = version;
        }
    }

    /// <summary>Where the last version that had a schema is gone, so is the schema. Its id stays used up.</summary>
    private void Forget(SchemaVersion version)
    {
        var context = SubjectName.Parse(version.Subject).Context;
        if (!version.HasContent && !Using(context, version.Id).Any() && _byId.TryRemove((context, version.Id), out var last))
        {
            Index.Remove(last.Content!);
        }
    }

    /// <summary>Made when it is first asked for: reading by id and by version, which is what clients do, needs none of it.</summary>
    private RegistryIndex Index
    {
        get
        {
            if (_index is { } known)
            {
                return known;
            }

            lock (_gate)
            {
                return _index ??= RegistryIndex.Of(_subjects.Values.SelectMany(versions => versions));
            }
        }
    }

    /// <summary>Takes in settings; null takes them away.</summary>
    public void Apply(string subject, SubjectConfig? config)
    {
        if (config is null)
        {
            _configs.TryRemove(subject, out _);
        }
        else
        {
            _configs[subject] = config;
        }
    }

    /// <summary>The versions that have a schema, by context and id, not those that are gone.</summary>
    public IEnumerable<SchemaVersion> Using(string context, int id) =>
        All(Index.Using(context, id)).Where(one => one.Id == id && one.State != VersionState.Gone);

    /// <summary>The versions that refer to a version of a subject.</summary>
    public IEnumerable<SchemaVersion> ReferringTo(SubjectName subject, int version) => All(Index.ReferringTo(subject))
        .Where(one => one.Content?.References.Any(reference => reference.Version == version && Qualify(one, reference.Subject) == subject) == true);

    /// <summary>What a schema refers to, by the names used, those they refer to first.</summary>
    /// <exception cref="RegistryRefusal">One of them is not there.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> Resolve(string context, SchemaContent content)
    {
        var found = new List<KeyValuePair<string, string>>();
        var seen = new HashSet<(SubjectName, int)>();
        Resolve(context, content, found, seen);
        return found;
    }

    private void Resolve(string context, SchemaContent content, List<KeyValuePair<string, string>> found, HashSet<(SubjectName, int)> seen)
    {
        foreach (var reference in content.References)
        {
            var subject = SubjectName.In(context, reference.Subject);
            var all = Versions(subject);
            var version = reference.Version == -1
                ? all.LastOrDefault(one => one.State == VersionState.Live)
                : all.FirstOrDefault(one => one.Version == reference.Version && one.State != VersionState.Gone);
            if (version?.Content is not { } schema)
            {
                throw RegistryRefusal.Invalid(string.Create(CultureInfo.InvariantCulture, $"The reference '{reference.Name}' is to version {reference.Version} of subject '{reference.Subject}', which is not there."));
            }

            // A reference can only be to what was there before, so there is no circle, but the same one may come twice.
            if (seen.Add((subject, version.Version)))
            {
                Resolve(subject.Context, schema, found, seen);
                found.Add(new(reference.Name, schema.Text));
            }
        }
    }

    private IEnumerable<SchemaVersion> All(IEnumerable<(string Subject, int Version)> names) => names
        .Select(name => Array.Find(_subjects.GetValueOrDefault(name.Subject, []), one => one.Version == name.Version)).OfType<SchemaVersion>();

    /// <summary>Versions with one more, or one changed, by number. New ones mostly come last.</summary>
    private static SchemaVersion[] With(SchemaVersion[] before, SchemaVersion version) => before.Length == 0 || before[^1].Version < version.Version
        ? [.. before, version]
        : [.. before.Where(one => one.Version != version.Version).Append(version).OrderBy(one => one.Version)];

    private static SubjectName Qualify(SchemaVersion of, string subject) => SubjectName.In(SubjectName.Parse(of.Subject).Context, subject);
}
