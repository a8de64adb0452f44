namespace Trunkline.Testing.Processes;

/// <summary>A folder of a test's own, removed at its end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Makes it.</summary>
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("trunkline-").FullName;

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>A path in it.</summary>
    public string In(string relative) => System.IO.Path.Combine(Path, relative);

    /// <summary>Writes a file in it and returns its path.</summary>
    public string Write(string relative, string text)
    {
        var path = In(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
