namespace Trunkline.Client.Api;

/// <summary>Lines of the log.</summary>
/// <param name="Lines">Newest first; oldest first when followed.</param>
/// <param name="Before">What to ask for as <c>before</c> to look further back; null if all was looked through.</param>
/// <param name="After">What to ask for as <c>after</c> to follow from here.</param>
public sealed record LogList(IReadOnlyList<LogLineView> Lines, long? Before, long After);

/// <summary>A line of the log. One of the node holds no payload and no key; one of another service holds what that says.</summary>
/// <param name="At">When.</param>
/// <param name="Level"><c>debug</c>, <c>information</c>, <c>warning</c>, <c>error</c> or <c>critical</c>.</param>
/// <param name="Category">Who says it.</param>
/// <param name="Text">What.</param>
public sealed record LogLineView(DateTimeOffset At, string Level, string Category, string Text)
{
    /// <summary>The flow it is of; null for none.</summary>
    public string? Flow { get; init; }

    /// <summary>Whose that flow is, or the service.</summary>
    public string? Owner { get; init; }

    /// <summary>The id of the message it is of; null for none.</summary>
    public string? Message { get; init; }

    /// <summary>The trace it belongs to; null for none.</summary>
    public string? Trace { get; init; }

    /// <summary>The service that said it; null for the node.</summary>
    public string? Service { get; init; }
}

/// <summary>Which lines are asked for; null for any.</summary>
public sealed record LogQuestion
{
    /// <summary>The levels, the least bad first.</summary>
    public static IReadOnlyList<string> Levels { get; } = ["debug", "information", "warning", "error", "critical"];

    /// <summary>A trace, 32 hex digits.</summary>
    public string? Trace { get; init; }

    /// <summary>The id of a message.</summary>
    public string? Message { get; init; }

    /// <summary>The key of messages, as text.</summary>
    public string? Key { get; init; }

    /// <summary>A flow.</summary>
    public string? Flow { get; init; }

    /// <summary>An owner of flows and services.</summary>
    public string? Owner { get; init; }

    /// <summary>A service; <c>trunkline</c> for the node itself.</summary>
    public string? Service { get; init; }

    /// <summary>What the text or the category has in it.</summary>
    public string? Text { get; init; }

    /// <summary>This level or worse.</summary>
    public string? Level { get; init; }

    /// <summary>How far back, such as <c>24h</c>.</summary>
    public string? Since { get; init; }

    /// <summary>As the query of an address; empty for all.</summary>
    public string Query => string.Join('&', new[] { ("trace", Trace), ("message", Message), ("key", Key), ("flow", Flow), ("owner", Owner), ("service", Service), ("text", Text), ("level", Level), ("since", Since) }
        .Where(part => !string.IsNullOrEmpty(part.Item2)).Select(part => $"{part.Item1}={Uri.EscapeDataString(part.Item2!)}"));
}
