using System.Globalization;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page with the log through the node's API.</summary>
internal sealed class LogLoader(TrunklineClient client, TimeProvider clock)
{
    private const int LinesShown = 200;

    public async Task<LogBoard> LoadAsync(LogQuestion question, long? before, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var logs = Loading.TryAsync(() => client.Logs.FindAsync(question, LinesShown, before, cancellationToken));
        return new LogBoard(clock.GetUtcNow(), question, before, await node, await logs);
    }
}

/// <summary>All that the page with the log shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Question">Which lines are asked for; the page's address says it.</param>
/// <param name="Before">Where it looks back from; null for the newest.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Logs">The lines.</param>
public sealed record LogBoard(DateTimeOffset Now, LogQuestion Question, long? Before, Loaded<NodeView> Node, Loaded<LogList> Logs)
{
    /// <summary>The command that shows the same.</summary>
    public string Command => string.Join(' ', new[]
    {
        "trunkline logs", Option("trace", Question.Trace), Option("message", Question.Message), Option("key", Question.Key), Option("flow", Question.Flow), Option("owner", Question.Owner), Option("service", Question.Service),
        Option("text", Question.Text), Option("level", Question.Level), Option("since", Question.Since),
    }.OfType<string>());

    /// <summary>The page with another question.</summary>
    /// <param name="question">Which lines.</param>
    /// <param name="before">Where to look back from; null for the newest.</param>
    public static string Address(LogQuestion question, long? before = null)
    {
        var from = before is null ? "" : string.Create(CultureInfo.InvariantCulture, $"before={before}");
        var query = string.Join('&', new[] { question.Query, from }.Where(part => part.Length > 0));
        return query.Length == 0 ? "/logs" : $"/logs?{query}";
    }

    private static string? Option(string name, string? value) => string.IsNullOrEmpty(value) ? null : $"--{name} {ShellText.Quote(value)}";
}
