namespace Trunkline.Core.Config;

/// <summary>
/// Where a project's files are: a folder on disk, or a set sent over HTTP. Paths are relative to the project's folder,
/// with forward slashes, already normalised and never leaving it.
/// </summary>
public interface IConfigFiles
{
    /// <summary>The name to show for a path.</summary>
    string Display(string path);

    /// <summary>The text of a file.</summary>
    FileReading Read(string path, int charactersMax);

    /// <summary>The paths that match the pattern, in ordinal order; at most <paramref name="countMax"/> plus one.</summary>
    IReadOnlyList<string> Find(GlobPattern pattern, int countMax);
}

/// <summary>What reading a file gave: the text, or why not.</summary>
/// <param name="Text">The text, or null.</param>
/// <param name="Problem">Why there is none, as the end of a sentence: <c>does not exist</c>.</param>
public readonly record struct FileReading(string? Text, string? Problem);
