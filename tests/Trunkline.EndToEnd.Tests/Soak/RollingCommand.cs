namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary><c>./dev rolling [COMMIT]</c>: an earlier version under load is replaced by this one, and nothing may be lost.</summary>
internal static class RollingCommand
{
    public const string Verb = "rolling";

    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        var name = args.Count > 0 ? args[0] : "HEAD~1";
        if (await PreviousVersion.FindAsync(name) is not { } commit)
        {
            await Console.Error.WriteLineAsync($"There is no commit {name} here.");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("trunkline-rolling-").FullName;
        try
        {
            await Console.Error.WriteLineAsync($"building {commit}");
            var verdict = await ReplaceAsync(commit, folder, Console.Error.WriteLine, CancellationToken.None);
            Console.Write(verdict.Text());
            return verdict.Sound ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Builds the commit and lets this version take over from it under load.</summary>
    /// <exception cref="InvalidOperationException">The commit cannot be built.</exception>
    public static async Task<SoakVerdict> ReplaceAsync(string commit, string folder, Action<string> tell, CancellationToken cancellationToken)
    {
        var from = await PreviousVersion.BuildAsync(commit, folder);
        var run = Directory.CreateDirectory(Path.Combine(folder, "run")).FullName;
        return await new SoakRun(new SoakOptions { Minutes = 0.3, From = from }, tell).RunAsync(run, cancellationToken);
    }
}
