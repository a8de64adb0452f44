namespace Trunkline.Cli.Tests;

/// <summary>The working copy the tests were built from.</summary>
internal static class WorkingCopy
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

        throw new DirectoryNotFoundException($"Trunkline.slnx is in no folder above {folder}.");
    }
}
