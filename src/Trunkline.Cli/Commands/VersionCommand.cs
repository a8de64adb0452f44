using System.CommandLine;
using System.Runtime.InteropServices;
using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline version</c></summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Show the version of this program.") { SharedOptions.Json };
        command.SetAction(parsed =>
        {
            var document = new VersionDocument(VersionText.Current, RuntimeInformation.FrameworkDescription, RuntimeInformation.RuntimeIdentifier);
            SharedOptions.Output(parsed).Result(document, CliJson.Default.VersionDocument,
                output => output.Line($"trunkline {document.Version} ({document.Runtime}, {document.Os})"));
            return ExitCode.Done;
        });
        return command;
    }
}
