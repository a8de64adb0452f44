using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline topics [NAME]</c></summary>
internal static class TopicsCommand
{
    private static readonly Argument<string?> Name = new("name") { Description = "Show this topic with its partitions and groups.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> All = new("--all", "-a") { Description = "Show Trunkline's own topics too." };

    public static Command Create()
    {
        var command = new Command("topics", "List topics, or show one.") { Name, All, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        if (parsed.GetValue(Name) is { } name)
        {
            var topic = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.GetTopicAsync(name, cancellationToken));
            output.Result(topic, ApiJson.Default.TopicView, text => Describe(text, topic));
            return ExitCode.Done;
        }

        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.ListTopicsAsync(cancellationToken));
        var shown = list with { Topics = [.. list.Topics.Where(topic => parsed.GetValue(All) || !topic.Internal)] };
        output.Result(shown, ApiJson.Default.TopicList, text => text.Table(
            ["topic", "#messages", "#stored", "#per second", "#partitions", "durability", "retention", "owner"],
            [.. shown.Topics.Select(topic => (IReadOnlyList<string>)
            [
                topic.Name, Amount.Count(topic.Messages), Amount.Bytes(topic.StoredBytes), Amount.Rate(topic.AppendRate),
                Amount.Count(topic.Partitions.Count), topic.Durability, Retention(topic), topic.Owner ?? "",
            ])],
            "No topics yet. Name one under 'topics:' in trunkline.yaml, then: trunkline apply"));
        return ExitCode.Done;
    }

    private static void Describe(Output text, TopicView topic)
    {
        text.Line($"{topic.Name}: {Amount.Count(topic.Messages)} messages, {Amount.Bytes(topic.StoredBytes)}, durability {topic.Durability}, retention {Retention(topic)}");
        text.Verbatim(Environment.NewLine);
        text.Table(
            ["partition", "#first", "#next", "#stored", "newest"],
            [.. topic.Partitions.Select(partition => (IReadOnlyList<string>)
            [
                partition.Partition.ToString(CultureInfo.InvariantCulture), partition.LowOffset.ToString(CultureInfo.InvariantCulture),
                partition.HighOffset.ToString(CultureInfo.InvariantCulture), Amount.Bytes(partition.StoredBytes), Amount.Time(partition.LastAppendedAt),
            ])],
            "No partitions.");
        text.Verbatim(Environment.NewLine);
        text.Table(
            ["group", "#lag"],
            [.. topic.Groups.Select(group => (IReadOnlyList<string>)[group.Group, Amount.Count(group.Lag)])],
            "No group reads it.");
    }

    private static string Retention(TopicView topic)
    {
        var age = topic.RetentionAgeMs is { } milliseconds ? Amount.Duration(TimeSpan.FromMilliseconds(milliseconds)) : null;
        var size = topic.RetentionBytes is { } bytes ? Amount.Bytes(bytes) + "/partition" : null;
        var kept = string.Join(", ", new[] { age, size, topic.Compacted ? "newest per key" : null }.OfType<string>()) is { Length: > 0 } text ? text : "kept";
        return topic.Sunset is { } end ? $"{kept}, ends {end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : kept;
    }
}
