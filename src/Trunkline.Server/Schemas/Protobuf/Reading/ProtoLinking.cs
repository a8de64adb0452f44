using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>A file cannot be used: what kind of fault and why.</summary>
internal sealed class ProtoLinkException(string keyword, string message) : Exception(message)
{
    /// <summary>The kind of fault.</summary>
    public string Keyword => keyword;
}

/// <summary>Brings a file together with the files it imports, those that import nothing first.</summary>
/// <param name="references">The files that may be imported, by name, beside those everybody may import.</param>
/// <param name="parse">Reads one of them.</param>
internal sealed class ProtoLinking(IReadOnlyList<KeyValuePair<string, string>> references, Func<string, FileDescriptorProto> parse)
{
    private const int ImportDepthMax = 200;

    /// <summary>Files that are being linked have no entry's types yet.</summary>
    private readonly Dictionary<string, Part?> _parts = new(StringComparer.Ordinal);
    private readonly List<ByteString> _ordered = [];

    private sealed record Part(FileDescriptorProto File, FileDescriptorProto Resolved, IReadOnlyDictionary<string, bool> Own);

    /// <summary>Links a file whose standard options are set.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Its name, if it has none.</param>
    /// <param name="resolved">The file with full names of types.</param>
    /// <exception cref="ProtoLinkException">An import or a type is not there, or there twice.</exception>
    public FileDescriptor Link(FileDescriptorProto file, string name, out FileDescriptorProto resolved)
    {
        if (file.HasName && file.Dependency.Contains(file.Name))
        {
            throw new ProtoLinkException("import", $"the file imports itself: '{file.Name}'");
        }

        var named = file.Clone();
        named.Name = file.Name.Length > 0 ? file.Name : name;
        resolved = Add(named, 0).Resolved;
        try
        {
            var found = FileDescriptor.BuildFromByteStrings(_ordered)[^1];
            ProtoExtensions.Check(found);
            return found;
        }
        catch (Exception failure) when (failure is DescriptorValidationException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new ProtoLinkException("type", failure.Message);
        }
    }

    /// <summary>The types of a file that one which imports it may use: its own, and those of files it imports publicly.</summary>
    private IEnumerable<KeyValuePair<string, bool>> Shown(string name) =>
        _parts[name] is { } part ? part.Own.Concat(part.File.PublicDependency.SelectMany(index => Shown(part.File.Dependency[index]))) : [];

    private Part Add(FileDescriptorProto file, int depth)
    {
        if (depth > ImportDepthMax)
        {
            throw new ProtoLinkException("import", string.Create(CultureInfo.InvariantCulture, $"imports are nested deeper than {ImportDepthMax} files"));
        }

        if (file.PublicDependency.Any(index => index < 0 || index >= file.Dependency.Count))
        {
            throw new ProtoLinkException("import", "a public import is none of its imports");
        }

        _parts[file.Name] = null;
        foreach (var name in file.Dependency)
        {
            if (!_parts.TryGetValue(name, out var part))
            {
                Add(Find(name, file.Name), depth + 1);
            }
            else if (part is null)
            {
                throw new ProtoLinkException("import", $"the imports of '{name}' lead back to it");
            }
        }

        var own = new Dictionary<string, bool>(ProtoResolution.TypesOf(file).DistinctBy(one => one.Key), StringComparer.Ordinal);
        var types = new Dictionary<string, bool>(own, StringComparer.Ordinal);
        foreach (var (type, isEnum) in file.Dependency.SelectMany(Shown))
        {
            types.TryAdd(type, isEnum);
        }

        var (resolved, faults) = ProtoResolution.Resolve(file, types);
        if (faults.Count > 0)
        {
            throw new ProtoLinkException("type", (depth > 0 ? $"in '{file.Name}' " : "") + SchemaFault.Tell(faults));
        }

        _ordered.Add(resolved.ToByteString());
        var added = new Part(file, resolved, own);
        _parts[file.Name] = added;
        return added;
    }

    private FileDescriptorProto Find(string name, string importer)
    {
        var texts = references.Where(one => one.Key == name).Select(one => one.Value).Distinct(StringComparer.Ordinal).ToList();
        if (texts.Count > 1)
        {
            throw new ProtoLinkException("import", $"the name '{name}' is given to different references");
        }

        if (texts.Count == 0)
        {
            return KnownProtos.Files.GetValueOrDefault(name)
                ?? throw new ProtoLinkException("import", $"'{importer}' imports '{name}', which is not there: register it, and name it as a reference");
        }

        var file = ProtoOptions.Interpret(parse(texts[0])).File;
        file.Name = name;
        return file;
    }
}
