namespace Trunkline.Core.Config;

/// <summary>
/// Reads a project's files: the roots, then what each names under <c>include</c>, relative to itself. Nothing outside the
/// project's folder is read, a file that is reached twice is read once, and a circle is a fault.
/// </summary>
/// <param name="files">Where the files are.</param>
/// <param name="faults">Takes what is wrong.</param>
/// <param name="bounds">Bounds.</param>
public sealed class IncludeLoader(IConfigFiles files, FaultList faults, YamlBounds bounds)
{
    /// <summary>The key that names further files.</summary>
    public const string IncludeKey = "include";

    /// <summary>How the name of a file of tests ends. Such a file is no part of a project: patterns pass it over, and naming it is a fault.</summary>
    public const string TestsEnding = ".tests.yaml";

    private readonly List<ConfigFile> _loaded = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<string> _chain = [];
    private string? _first;
    private long _characters;

    /// <summary>False if something could not be read, so that names defined there are unknown.</summary>
    public bool Complete { get; private set; } = true;

    /// <summary>Reads the roots and all they include, in that order.</summary>
    public IReadOnlyList<ConfigFile> Load(IEnumerable<string> roots)
    {
        foreach (var root in roots)
        {
            LoadFile(root, new SourceLocation(files.Display(root), 0), FaultCodes.FileUnreadable);
        }

        return _loaded;
    }

    private void LoadFile(string path, SourceLocation namedAt, string missingCode)
    {
        if (!_seen.Add(path))
        {
            return;
        }

        if (_seen.Count > bounds.FilesMax || _characters > bounds.ProjectCharactersMax)
        {
            Complete = false;
            faults.Add(
                new SourceLocation(files.Display(_first ?? path), 0),
                FaultCodes.TooLarge,
                FormattableString.Invariant($"The project has more than {bounds.FilesMax} files or {bounds.ProjectCharactersMax} characters."),
                "Split it into two projects.");
            return;
        }

        var reading = files.Read(path, bounds.FileCharactersMax);
        if (reading.Text is null)
        {
            Complete = false;
            faults.Add(namedAt, missingCode, $"The file '{Printable.Show(path, 200)}' {reading.Problem}.", "Name an existing, readable UTF-8 file inside the project's folder.");
            return;
        }

        _characters += reading.Text.Length;
        _first ??= path;
        var name = files.Display(path);
        var document = YamlComposer.Compose(name, reading.Text, faults, bounds);
        Complete &= document.Complete;
        _loaded.Add(new ConfigFile(path, name, reading.Text, document));
        _chain.Add(path);
        if ((document.Root as MappingNode)?.Find(IncludeKey) is { } include)
        {
            Follow(path, include);
        }

        _chain.RemoveAt(_chain.Count - 1);
    }

    private void Follow(string from, ConfigNode include)
    {
        var items = include switch
        {
            SequenceNode list => list.Items,
            ScalarNode { IsNull: true } => [],
            _ => [include],
        };
        foreach (var item in items)
        {
            // Other shapes are reported by the grammar, which knows the key too.
            if (item is ScalarNode { IsNull: false } scalar)
            {
                FollowOne(from, scalar);
            }
        }
    }

    private void FollowOne(string from, ScalarNode include)
    {
        var target = Normalise(from, include.Text);
        if (target is null)
        {
            Complete = false;
            faults.Add(
                include.Where,
                FaultCodes.BadInclude,
                $"'{Printable.Show(include.Text)}' leads out of the project's folder.",
                "Include files inside the project's folder, relative to this file.");
        }
        else if (GlobPattern.IsPattern(target))
        {
            foreach (var match in files.Find(new GlobPattern(target), bounds.FilesMax).Where(m => !_chain.Contains(m) && !IsTests(m)))
            {
                LoadFile(match, include.Where, FaultCodes.BadInclude);
            }
        }
        else if (IsTests(target))
        {
            faults.Add(
                include.Where,
                FaultCodes.BadInclude,
                $"'{Printable.Show(include.Text)}' is a file of tests, which is no part of the project.",
                "Remove it here; 'trunkline test' finds it by its name.");
        }
        else if (_chain.Contains(target))
        {
            var circle = string.Join(" -> ", _chain.SkipWhile(p => p != target).Append(target));
            faults.Add(include.Where, FaultCodes.BadInclude, $"The includes go in a circle: {Printable.Show(circle, 200)}.", "Remove one of them.");
        }
        else
        {
            LoadFile(target, include.Where, FaultCodes.BadInclude);
        }
    }

    private static bool IsTests(string path) => path.EndsWith(TestsEnding, StringComparison.Ordinal);

    /// <summary>The path relative to the project's folder, or null if it leads out of it.</summary>
    public static string? Normalise(string from, string path)
    {
        if (path.Length is 0 or > 1024 || path.StartsWith('/') || path.Contains('\\', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        var parts = from.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipLast(1).ToList();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count == 0)
            {
                return null;
            }
            else
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return parts.Count == 0 ? null : string.Join('/', parts);
    }
}
