using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline groups reset TOPIC GROUP --to …</c></summary>
internal static class GroupsCommand
{
    private static readonly Argument<string> Topic = new("topic") { Description = "The topic." };
    private static readonly Argument<string> Group = new("group") { Description = "The group; that of a flow is flow.NAME." };

    private static readonly Option<string> To = new("--to")
    {
        Description = "Where to: earliest, latest, an offset (with --partition), or a time such as 2026-01-31T09:30:00Z.",
        Required = true,
        HelpName = "place",
    };

    private static readonly Option<int?> Partition = new("--partition", "-p") { Description = "With an offset: the partition. Needed where a topic has several." };

    public static Command Create()
    {
        var reset = new Command("reset", "Move a group: what lies between is read again, or passed over.") { Topic, Group, To, Partition, SharedOptions.Node, SharedOptions.Json };
        reset.SetAction(ResetAsync);
        return new Command("groups", "Move what groups have read.") { reset };
    }

    private static async Task<int> ResetAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var request = RequestOf(parsed.GetValue(To)!, parsed.GetValue(Partition));
        using var client = SharedOptions.Client(parsed);
        var work = client.Group(parsed.GetValue(Topic)!, parsed.GetValue(Group)!).ResetAsync(request, cancellationToken);
        var group = await Patience.WaitAsync(output, $"waiting for {client.Address}", work);
        output.Result(group, ApiJson.Default.GroupView, text => text.Table(
            ["partition", "#next", "#lag"],
            [.. group.Partitions.Select(partition => (IReadOnlyList<string>)
            [
                partition.Partition.ToString(CultureInfo.InvariantCulture), partition.Next?.ToString(CultureInfo.InvariantCulture) ?? "-", Amount.Count(partition.Lag),
            ])],
            "The group has no partitions."));
        return ExitCode.Done;
    }

    private static ResetGroupRequest RequestOf(string to, int? partition)
    {
        if (to is "earliest" or "latest")
        {
            return new ResetGroupRequest { To = to };
        }

        if (long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return new ResetGroupRequest { Offset = offset, Partition = partition };
        }

        return DateTimeOffset.TryParse(to, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new ResetGroupRequest { Time = time }
            : throw CliException.Usage($"'{to}' is no place in a topic.", "Give earliest, latest, an offset, or a time such as 2026-01-31T09:30:00Z.");
    }
}
