namespace Trunkline.Server.Tests.Schemas;

/// <summary>Test data made by others, beside the repository.</summary>
internal static class Vectors
{
    /// <summary>The repository.</summary>
    public static string Repository
    {
        get
        {
            var at = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(at.FullName, "Trunkline.slnx")))
            {
                at = at.Parent ?? throw new InvalidOperationException("No Trunkline.slnx above the tests.");
            }

            return at.FullName;
        }
    }

    /// <summary>A folder of them; the test is skipped where it is missing.</summary>
    public static string Folder(string name)
    {
        var folder = Path.GetFullPath(Path.Combine(Repository, "..", "shared", "vectors", name));
        Assert.SkipUnless(Directory.Exists(folder), $"The vectors are not at {folder}.");
        return folder;
    }
}
