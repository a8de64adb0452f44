using Trunkline.Cli.Demo.Planted;
using Trunkline.Client.Api;
using Trunkline.Server.Configuration;

namespace Trunkline.Cli.Demo;

/// <summary>The sample project in the demo's folder, and beside it the candidate: the same with a stricter threshold.</summary>
internal static class DemoProject
{
    /// <summary>Above this probability a mail is spam.</summary>
    public const double Threshold = 0.9;

    /// <summary>Above this one it is, if the candidate follows.</summary>
    public const double CandidateThreshold = 0.5;

    private const string Condition = "message.spam.probability > ";

    /// <summary>Writes both, each whole or not at all. What is there already stays.</summary>
    public static void Write(DemoFolder folder)
    {
        Copy(folder.Project, text => text);
        Copy(folder.Candidate, text => text.Replace(Line(Threshold), Line(CandidateThreshold), StringComparison.Ordinal));
    }

    /// <summary>The candidate as the node takes it.</summary>
    public static CompareRequest Request(DemoFolder folder, int examplesMax)
    {
        // Variables are the node's own: one that is unset here is no fault.
        var load = ProjectFile.Load(ProjectSource.FromDisk(folder.Candidate, _ => "unset"));
        return new CompareRequest { Main = "trunkline.yaml", Files = load.Files, ExamplesMax = examplesMax };
    }

    private static string Line(double threshold) => FormattableString.Invariant($"{Condition}{threshold}");

    private static void Copy(string folder, Func<string, string> change)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var work = folder + ".partial";
        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(SampleFolder.Path, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(SampleFolder.Path, file);
            if (relative.StartsWith("bundled", StringComparison.Ordinal))
            {
                continue;
            }

            var target = Path.Combine(work, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (relative == Path.Combine("flows", "triage.yaml"))
            {
                File.WriteAllText(target, change(File.ReadAllText(file)));
            }
            else
            {
                File.Copy(file, target);
            }
        }

        File.WriteAllText(Path.Combine(work, "flows", "planted.yaml"), PlantedDrift.Project);
        Directory.Move(work, folder);
    }
}
