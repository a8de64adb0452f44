using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;
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
        command.Subcommands.Add(Infer());
        return command;
    }

    private static Command Infer()
    {
        var topic = new Argument<string>("topic") { Description = "The topic." };
        var format = new Option<string>("--format") { Description = "json, avro or protobuf.", DefaultValueFactory = _ => "json", HelpName = "format" }.AcceptOnlyFromAmong("json", "avro", "protobuf");
        var command = new Command("infer", "Propose a schema from what came into a topic, for people to go on with.") { topic, format, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var inferred = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.Contracts.InferAsync(parsed.GetValue(topic)!, parsed.GetValue(format)!, cancellationToken));
            output.Result(inferred, ApiJson.Default.InferredSchemaView, text =>
            {
                text.Note(string.Create(CultureInfo.InvariantCulture, $"made from {inferred.Messages} messages"));
                text.Verbatim(inferred.Schema);
            });
            return ExitCode.Done;
        });
        return command;
    }
}
