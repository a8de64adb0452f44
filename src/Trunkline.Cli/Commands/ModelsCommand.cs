using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline models</c></summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var command = new Command("models", "List models, their versions, and the flows that call them.") { SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.ListModelsAsync(cancellationToken));
            output.Result(list, ApiJson.Default.ModelList, text => text.Table(
                ["model", "kind", "version", "used by"],
                [.. list.Models.Select(model => (IReadOnlyList<string>)[model.Name, model.Kind, model.Version ?? "not loaded", string.Join(", ", model.UsedBy)])],
                "No models yet. Name one under 'models:' in trunkline.yaml and call it with an 'infer' step."));
            return ExitCode.Done;
        });
        return command;
    }
}
