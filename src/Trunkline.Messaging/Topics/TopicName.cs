using System.Text.RegularExpressions;

namespace Trunkline.Messaging.Topics;

/// <summary>The rules a topic name follows, on every broker alike (Kafka's rules, which are the narrowest).</summary>
public static partial class TopicName
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 249;

    /// <summary>Prefix of topics Trunkline keeps for itself; users cannot create or publish to them.</summary>
    public const string InternalPrefix = "trunkline.";

    /// <summary>True if the name is 1 to 249 of <c>A-Z a-z 0-9 . _ -</c> and neither <c>.</c> nor <c>..</c>.</summary>
    public static bool IsValid(string? name) =>
        name is not null && name.Length <= MaxLength && name is not ("." or "..") && Pattern().IsMatch(name);

    /// <summary>True for Trunkline's own topics.</summary>
    public static bool IsInternal(string name) => name.StartsWith(InternalPrefix, StringComparison.Ordinal);

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z")]
    private static partial Regex Pattern();
}
