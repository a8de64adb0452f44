namespace Trunkline.Server.Schemas.Registry;

/// <summary>Settings in force: a subject's own, else its context's, else those for all, else the defaults.</summary>
internal sealed class RegistrySettings(RegistryView view)
{
    /// <summary>The level of what has none.</summary>
    public const string DefaultLevel = "BACKWARD";

    /// <summary>The mode of what has none.</summary>
    public const string DefaultMode = "READWRITE";

    /// <summary>Every compatibility level.</summary>
    public static IReadOnlyList<string> Levels { get; } = ["BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE"];

    /// <summary>Every mode.</summary>
    public static IReadOnlyList<string> Modes { get; } = ["READWRITE", "READONLY", "IMPORT"];

    /// <summary>The compatibility level.</summary>
    public string Level(SubjectName subject) => First(subject, config => config.Compatibility) ?? DefaultLevel;

    /// <summary>The mode.</summary>
    public string Mode(SubjectName subject) => First(subject, config => config.Mode) ?? DefaultMode;

    /// <summary>The metadata property that groups versions; null for none.</summary>
    public string? Group(SubjectName subject) => First(subject, config => config.CompatibilityGroup);

    /// <summary>Whether schemas are normalised.</summary>
    public bool Normalizes(SubjectName subject) => First(subject, config => config.Normalize?.ToString()) == bool.TrueString;

    private string? First(SubjectName subject, Func<SubjectConfig, string?> pick)
    {
        foreach (var name in (string[])[subject.ToString(), subject.Context == SubjectName.DefaultContext ? "" : $":{subject.Context}:", ""])
        {
            if (view.Configs.TryGetValue(name, out var config) && pick(config) is { } value)
            {
                return value;
            }
        }

        return null;
    }
}
