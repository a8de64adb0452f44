using System.Globalization;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the pages on subjects through the node's API.</summary>
internal sealed class SubjectLoader(TrunklineClient client, TimeProvider clock)
{
    public async Task<SubjectsBoard> ListAsync(string? find, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var subjects = Loading.TryAsync(() => client.Contracts.SubjectsAsync(cancellationToken));
        return new SubjectsBoard(clock.GetUtcNow(), find ?? "", await node, await subjects);
    }

    public async Task<SubjectBoard> ShowAsync(string name, string? from, string? to, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var subject = Loading.TryAsync(() => client.Contracts.SubjectAsync(name, Number(from), Number(to), cancellationToken));
        return new SubjectBoard(clock.GetUtcNow(), name, await node, await subject);
    }

    // What is no number is as good as not said: the page shows the newest.
    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>All that the page on subjects shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Find">What subjects and topics hold that are shown; empty for all.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Subjects">The subjects.</param>
public sealed record SubjectsBoard(DateTimeOffset Now, string Find, Loaded<NodeView> Node, Loaded<SubjectList> Subjects)
{
    /// <summary>Those that are shown.</summary>
    public IReadOnlyList<SubjectSummary> Shown =>
        [.. (Subjects.Value?.Subjects ?? []).Where(one => one.Subject.Contains(Find, StringComparison.OrdinalIgnoreCase) || one.Topics.Any(topic => topic.Contains(Find, StringComparison.OrdinalIgnoreCase)))];
}

/// <summary>All that the page on one subject shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Name">The subject's name, as asked for.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Subject">The subject.</param>
public sealed record SubjectBoard(DateTimeOffset Now, string Name, Loaded<NodeView> Node, Loaded<SubjectView> Subject)
{
    /// <summary>The address of a subject's page, with two versions compared.</summary>
    public static string Address(string name, int? from = null, int? to = null) =>
        FormattableString.Invariant($"/subject?name={Uri.EscapeDataString(name)}{(from is null ? "" : "&from=")}{from}{(to is null ? "" : "&to=")}{to}");
}
