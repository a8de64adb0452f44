using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Trunkline.Server.Schemas.Registry;

/// <summary>Ways to find schemas but by id and version: by content, by GUID, by who has or uses them. Read by many at once, written by one.</summary>
internal sealed class RegistryIndex
{
    private readonly ConcurrentDictionary<(string Context, string Type, Guid Guid), int> _ids = new();
    private readonly ConcurrentDictionary<Guid, SchemaContent> _byGuid = new();
    private readonly ConcurrentDictionary<(string Context, int Id), ImmutableHashSet<(string Subject, int Version)>> _using = new();
    private readonly ConcurrentDictionary<string, ImmutableHashSet<(string Subject, int Version)>> _referring = new(StringComparer.Ordinal);

    /// <summary>Of some versions.</summary>
    public static RegistryIndex Of(IEnumerable<SchemaVersion> versions)
    {
        var index = new RegistryIndex();
        foreach (var version in versions)
        {
            index.Add(version);
        }

        return index;
    }

    /// <summary>The schema of a GUID; null if there is none.</summary>
    public SchemaContent? Find(Guid guid) => _byGuid.GetValueOrDefault(guid);

    /// <summary>The id of a content in a context; null if it has none.</summary>
    public int? IdOf(string context, string type, Guid guid) => _ids.TryGetValue((context, type, guid), out var id) ? id : null;

    /// <summary>The versions that have, or had, an id.</summary>
    public IReadOnlySet<(string Subject, int Version)> Using(string context, int id) => _using.GetValueOrDefault((context, id), []);

    /// <summary>The versions that refer, or referred, to a subject.</summary>
    public IReadOnlySet<(string Subject, int Version)> ReferringTo(SubjectName subject) => _referring.GetValueOrDefault(subject.ToString(), []);

    /// <summary>Takes a version in.</summary>
    public void Add(SchemaVersion version)
    {
        if (version.Content is not { } content)
        {
            return;
        }

        var context = SubjectName.Parse(version.Subject).Context;
        var guid = content.Guid();
        // A content that was imported under several ids has the newest.
        _ids.AddOrUpdate((context, content.Type, guid), version.Id, (_, known) => Math.Max(known, version.Id));
        _byGuid[guid] = content;
        _using[(context, version.Id)] = _using.GetValueOrDefault((context, version.Id), []).Add((version.Subject, version.Version));
        foreach (var reference in content.References)
        {
            var target = SubjectName.In(context, reference.Subject).ToString();
            _referring[target] = _referring.GetValueOrDefault(target, []).Add((version.Subject, version.Version));
        }
    }

    /// <summary>Takes a schema out that nobody has any more. Its content keeps its id, so that nobody else gets it.</summary>
    public void Remove(SchemaContent content) => _byGuid.TryRemove(content.Guid(), out _);
}
