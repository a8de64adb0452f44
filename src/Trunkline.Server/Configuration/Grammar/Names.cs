using System.Text.RegularExpressions;
using Trunkline.Messaging.Topics;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>Rules for the names a project gives. Each answers what is wrong, or null.</summary>
internal static partial class Names
{
    /// <summary>For editors: names of flows, models, owners, steps, sinks and tokens.</summary>
    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$";

    /// <summary>For editors: names of topics and groups.</summary>
    public const string TopicPattern = "^[A-Za-z0-9._-]{1,249}$";

    /// <summary>Topic that takes what a flow could not process.</summary>
    public static string DeadTopic(string flow) => flow + ".dead";

    /// <summary>Group of a flow that names none.</summary>
    public static string Group(string flow) => "flow." + flow;

    /// <summary>What is wrong with a name.</summary>
    public static string? Problem(string name) =>
        Valid().IsMatch(name) ? null : "it must be 1 to 100 of A-Z a-z 0-9 . _ - and start with a letter or digit";

    /// <summary>What is wrong with a flow's name: topics are named after it.</summary>
    public static string? FlowProblem(string name) =>
        Problem(name) ?? (TopicName.IsInternal(name + ".") ? $"names from '{TopicName.InternalPrefix}' on are Trunkline's own" : null);

    /// <summary>What is wrong with a topic's name.</summary>
    public static string? TopicProblem(string name) => TopicName.IsValid(name) switch
    {
        false => "it must be 1 to 249 of A-Z a-z 0-9 . _ - and not . or ..",
        true when TopicName.IsInternal(name) => $"topics from '{TopicName.InternalPrefix}' on are Trunkline's own",
        _ => null,
    };

    /// <summary>What is wrong with the place of a field.</summary>
    public static string? FieldProblem(string path) =>
        path.Length is > 0 and <= 500 && !path.Any(char.IsControl) && path[0] != '.' && path[^1] != '.' && !path.Contains("..", StringComparison.Ordinal)
            ? null
            : "a field such as order.lines.*.sku: names joined by dots, * for every item of a list, up to 500 characters";

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex Valid();
}
