namespace Trunkline.Cli.Demo;

/// <summary>Where fetched data is kept between runs.</summary>
internal static class CacheFolder
{
    /// <summary>
    /// <c>TRUNKLINE_CACHE</c>; else <c>.cache</c> of the repository the program lies in or is run from; else <c>trunkline</c> in the user's cache folder.
    /// </summary>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable("TRUNKLINE_CACHE") is { Length: > 0 } given)
        {
            return Path.GetFullPath(given);
        }

        if ((RepositoryAbove(AppContext.BaseDirectory) ?? RepositoryAbove(Environment.CurrentDirectory)) is { } repository)
        {
            return Path.Combine(repository, ".cache");
        }

        var user = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(user, "trunkline");
    }

    private static string? RepositoryAbove(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Trunkline.slnx")))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
