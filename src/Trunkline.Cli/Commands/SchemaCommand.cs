using System.CommandLine;
using Trunkline.Server.Configuration;
using Trunkline.Server.FlowTests;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline schema</c></summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var tests = new Option<bool>("--tests") { Description = "That of files of tests (*.tests.yaml) instead." };
        var command = new Command("schema", "Print the JSON Schema of project files, for editors: trunkline schema > trunkline.schema.json") { tests, SharedOptions.Json };
        command.SetAction(parsed =>
        {
            SharedOptions.Output(parsed).Verbatim(parsed.GetValue(tests) ? FlowTestSuite.Schema() : ProjectReference.Schema());
            return ExitCode.Done;
        });
        return command;
    }
}
