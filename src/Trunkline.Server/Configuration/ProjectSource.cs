using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration;

/// <summary>Where a project comes from and what its values are completed with. Nothing is taken from the process itself.</summary>
public sealed record ProjectSource
{
    private const int SecretFileCharactersMax = 64 * 1024;

    /// <summary>The files.</summary>
    public required IConfigFiles Files { get; init; }

    /// <summary>The files to start at, relative to the project's folder.</summary>
    public required IReadOnlyList<string> Roots { get; init; }

    /// <summary>Folder that relative paths in values (models, maildirs) are resolved against; absolute.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Value of an environment variable, or null.</summary>
    public required Func<string, string?> Variables { get; init; }

    /// <summary>What is wrong with an expression, or null. Default: nothing is checked.</summary>
    public Func<string, string?>? ExpressionCheck { get; init; }

    /// <summary>Whether a file that the project needs is there. Default: not checked.</summary>
    public Func<string, bool>? FileExists { get; init; }

    /// <summary>A project on disk.</summary>
    /// <param name="path">The project file, or a folder with a <c>trunkline.yaml</c>.</param>
    /// <param name="variables">Value of an environment variable, or null.</param>
    public static ProjectSource FromDisk(string path, Func<string, string?> variables)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, "trunkline.yaml") : path;
        var folder = Path.GetDirectoryName(file) ?? "";
        return new ProjectSource
        {
            Files = new DiskConfigFiles(folder),
            Roots = [Path.GetFileName(file)],
            BaseDirectory = Path.GetFullPath(folder.Length == 0 ? "." : folder),
            Variables = variables,
            FileExists = File.Exists,
        };
    }

    /// <summary>A project that came in one piece.</summary>
    /// <param name="files">Text by path relative to the project's folder.</param>
    /// <param name="root">The file to start at.</param>
    /// <param name="baseDirectory">Folder that relative paths in values are resolved against; absolute.</param>
    /// <param name="variables">Value of an environment variable, or null.</param>
    public static ProjectSource FromMemory(
        IReadOnlyDictionary<string, string> files, string root, string baseDirectory, Func<string, string?> variables) => new()
        {
            Files = new MemoryConfigFiles(files),
            Roots = [root],
            BaseDirectory = baseDirectory,
            Variables = variables,
        };

    /// <summary>Text of a file named by <c>${file:…}</c>, or null.</summary>
    internal string? ReadSecretFile(string path) =>
        path.Contains('\0', StringComparison.Ordinal) ? null : DiskConfigFiles.ReadText(Path.GetFullPath(path, BaseDirectory), SecretFileCharactersMax).Text;
}
