namespace Trunkline.Core.Config;

/// <summary>Files that came in one piece, as with <c>apply</c> over HTTP.</summary>
/// <param name="files">Text by path.</param>
public sealed class MemoryConfigFiles(IReadOnlyDictionary<string, string> files) : IConfigFiles
{
    /// <inheritdoc/>
    public string Display(string path) => path;

    /// <inheritdoc/>
    public FileReading Read(string path, int charactersMax) =>
        files.TryGetValue(path, out var text) ? new FileReading(text, null) : new FileReading(null, "was not sent along");

    /// <inheritdoc/>
    public IReadOnlyList<string> Find(GlobPattern pattern, int countMax) =>
        [.. files.Keys.Where(pattern.IsMatch).Order(StringComparer.Ordinal).Take(countMax + 1)];
}
