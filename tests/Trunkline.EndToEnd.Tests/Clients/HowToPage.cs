namespace Trunkline.EndToEnd.Tests.Clients;

/// <summary>A page of <c>docs/how-to</c> with programs a reader copies: each stands in a block after its name in bold.</summary>
internal static class HowToPage
{
    private static readonly string Folder = Path.Combine(FindRoot(), "docs", "how-to");

    /// <summary>A program of a page, word for word.</summary>
    public static string Program(string page, string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, page));
        var named = Array.FindIndex(lines, line => line.StartsWith($"**`{name}`**", StringComparison.Ordinal));
        var begin = Array.FindIndex(lines, named, line => line.StartsWith("```", StringComparison.Ordinal));
        var end = Array.FindIndex(lines, begin + 1, line => line == "```");
        return string.Join('\n', lines[(begin + 1)..end]) + "\n";
    }

    /// <summary>The block of a page that begins with the given words.</summary>
    public static string Block(string page, string begin)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, page));
        var first = Array.FindIndex(lines, line => line.StartsWith(begin, StringComparison.Ordinal));
        return string.Join('\n', lines[first..Array.FindIndex(lines, first, line => line == "```")]) + "\n";
    }

    /// <summary>Another file of the working copy.</summary>
    public static string Source(string relative) => File.ReadAllText(Path.Combine(FindRoot(), relative));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Trunkline.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"Trunkline.slnx is in no folder above {AppContext.BaseDirectory}.");
    }
}
