using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline brokers</c></summary>
internal static class BrokersCommand
{
    public static Command Create()
    {
        var command = new Command("brokers", "Show the node's broker and what it can do.") { SharedOptions.Node, SharedOptions.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = SharedOptions.Output(parsed);
            using var client = SharedOptions.Client(parsed);
            var node = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.GetNodeAsync(cancellationToken));
            output.Result(node, ApiJson.Default.NodeView, text =>
            {
                text.Line($"{node.Broker} (node {client.Address}, version {node.Version}, revision {node.Revision}, up since {Amount.Time(node.StartedAt)})");
                foreach (var capability in node.Capabilities)
                {
                    text.Line($"  {capability}");
                }
            });
            return ExitCode.Done;
        });
        return command;
    }
}
