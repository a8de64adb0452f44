using System.Globalization;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Map;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page with the map through the node's API; the map as it is now with all others that look at it.</summary>
/// <param name="client">Asks the node.</param>
/// <param name="connect">Asks the node for all that look at the same.</param>
/// <param name="feed">What they share.</param>
/// <param name="clock">The clock.</param>
internal sealed class MapLoader(TrunklineClient client, Func<TrunklineClient> connect, MapFeed feed, TimeProvider clock)
{
    public async Task<MapBoard> LoadAsync(MapQuestion question, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var reading = await Loading.TryAsync(async () => question.At is null
            ? await feed.ReadAsync(connect, question, cancellationToken)
            : feed.Of(await client.GetMapAsync(question, cancellationToken), question));
        return new MapBoard(clock.GetUtcNow(), question, await node, reading.Take(read => read.Map)) { Reading = reading.Value };
    }
}

/// <summary>All that the page with the map shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Question">Which map is asked for; the page's address says it.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Map">The map.</param>
public sealed record MapBoard(DateTimeOffset Now, MapQuestion Question, Loaded<NodeView> Node, Loaded<MapView> Map)
{
    /// <summary>What is drawn of the map; null if there is none.</summary>
    internal MapReading? Reading { get; init; }

    /// <summary>Whether it shows what is now, and brings itself up to date.</summary>
    public bool IsNow => Question.At is null;

    /// <summary>Whether owners stand for what is theirs.</summary>
    public bool IsGrouped => Map.Value?.Nodes.Any(n => n.Kind == "owner") == true;

    /// <summary>The command that shows the same.</summary>
    public string Command => string.Join(' ', new[] { "trunkline map", Option("at", Question.At), Option("against", Question.Against), Option("find", Question.Find), Option("owner", Question.Owner), Option("only", Question.Only), Option("hide", Question.Hide), Option("group", IsGrouped ? "owner" : null) }.OfType<string>());

    /// <summary>The page with another question.</summary>
    public static string Address(MapQuestion question) => (question with { Group = question.Group == "auto" ? null : question.Group }).Query is { Length: > 0 } query ? $"/map?{query}" : "/map";

    /// <summary>The stream that keeps the page up to date; null for a time before, which stays as it was.</summary>
    public string? LiveAddress => IsNow ? $"/map/live?{Question.Query}" : null;

    /// <summary>A time as the fields of the page take it, in UTC.</summary>
    public static string? Field(string? time) => DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
        ? at.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture)
        : null;

    private static string? Option(string name, string? value) => string.IsNullOrEmpty(value) ? null : $"--{name} {ShellText.Quote(value)}";
}
