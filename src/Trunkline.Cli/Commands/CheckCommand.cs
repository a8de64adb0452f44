using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Server.Configuration;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline check</c></summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var command = new Command("check", "Check a project file; tells every fault at once. Exit code 2 if there is any.") { SharedOptions.File, SharedOptions.Json };
        command.SetAction(parsed =>
        {
            var path = SharedOptions.ProjectFile(parsed);
            var load = ProjectLoading.Load(path);
            var faults = ProjectLoading.Views(load.Faults);
            SharedOptions.Output(parsed).Result(new FaultsDocument(faults), CliJson.Default.FaultsDocument, text => Write(text, path, load, faults));
            return faults.Count == 0 ? ExitCode.Done : ExitCode.Usage;
        });
        return command;
    }

    private static void Write(Output text, string path, ProjectLoad load, IReadOnlyList<FaultView> faults)
    {
        if (load.Config is { } project)
        {
            text.Line($"{path}: no faults ({CountText.Of(project.Topics.Count, "topic")}, {CountText.Of(project.Models.Count, "model")}, {CountText.Of(project.Flows.Count, "flow")})");
            return;
        }

        foreach (var file in faults.GroupBy(fault => fault.File))
        {
            foreach (var fault in file)
            {
                FaultText.Write(text.Line, fault);
            }

            text.Verbatim(Environment.NewLine);
        }

        text.Line($"{CountText.Of(faults.Count, "fault")} in {CountText.Of(faults.Select(fault => fault.File).Distinct().Count(), "file")}");
    }
}
