namespace Trunkline.Server.Tests;

/// <summary>The working copy the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Trunkline.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No Trunkline.slnx above {folder}.");
    }
}
