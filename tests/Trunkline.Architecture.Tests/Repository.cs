using System.Xml.Linq;

namespace Trunkline.Architecture.Tests;

/// <summary>The working copy the tests were built from: where it is and what is in it.</summary>
internal static class Repository
{
    public static readonly string Root = FindRoot();

    /// <summary>Names of the projects below <c>src</c>.</summary>
    public static IReadOnlyList<string> SourceProjects { get; } =
        [.. Directory.GetDirectories(In("src")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    /// <summary>Paths of the projects in the solution, relative to the root.</summary>
    public static IReadOnlyList<string> SolutionProjects { get; } =
        [.. XDocument.Load(In("Trunkline.slnx")).Descendants("Project").Select(project => project.Attribute("Path")!.Value)];

    public static string In(string relative) => Path.Combine(Root, relative);

    public static string Relative(string path) => Path.GetRelativePath(Root, path);

    /// <summary>C# files below the given folders, without what a build left.</summary>
    public static IEnumerable<string> SourceFiles(params string[] folders) => Files("*.cs", folders);

    /// <summary>Files of a pattern below the given folders, without what a build left.</summary>
    public static IEnumerable<string> Files(string pattern, params string[] folders) =>
        folders.Select(In).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
            .Where(path => !Relative(path).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "artifacts" or "node_modules"))
            .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Trunkline.slnx")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException($"Trunkline.slnx is in no folder above {AppContext.BaseDirectory}; run the tests inside the working copy.");
    }
}
