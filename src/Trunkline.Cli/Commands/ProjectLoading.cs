using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;

namespace Trunkline.Cli.Commands;

/// <summary>Loads the project the user means, expressions checked.</summary>
internal static class ProjectLoading
{
    public static ProjectLoad Load(string path)
    {
        MustExist(path);
        return ProjectFile.Load(ProjectSource.FromDisk(path, Environment.GetEnvironmentVariable) with { ExpressionCheck = ExpressionSyntax.Check });
    }

    /// <summary>A project file that is not there is the user's first mistake, and has its own remedy.</summary>
    public static void MustExist(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            throw CliException.Usage($"There is no project file {path}.", "Name it with -f or TRUNKLINE_CONFIG, or make one: trunkline init");
        }
    }

    /// <summary>The faults as the API and JSON output show them.</summary>
    public static IReadOnlyList<FaultView> Views(IEnumerable<Fault> faults) =>
        [.. faults.Select(fault => new FaultView(fault.Where.File, fault.Where.Line, fault.Code, fault.Message, fault.Remedy))];
}
