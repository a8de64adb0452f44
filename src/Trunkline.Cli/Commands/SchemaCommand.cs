using System.CommandLine;
using Trunkline.Server.Configuration;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline schema</c></summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Print the JSON Schema of project files, for editors: trunkline schema > trunkline.schema.json") { SharedOptions.Json };
        command.SetAction(parsed =>
        {
            SharedOptions.Output(parsed).Verbatim(ProjectReference.Schema());
            return ExitCode.Done;
        });
        return command;
    }
}
