using System.Globalization;
using System.Text.Json;
using Trunkline.Server.Schemas.Formats;

namespace Trunkline.Server.Schemas.Registry;

/// <summary>Whether a schema may follow those before it.</summary>
internal static class SchemaCompatibility
{
    /// <summary>What keeps a schema from following the versions its subject's level asks to compare; empty if nothing does.</summary>
    public static IReadOnlyList<string> Check(RegistrySettings settings, RegistryView view, SubjectName subject, SchemaContent content)
    {
        var level = settings.Level(subject);
        var group = settings.Group(subject);
        var before = view.Versions(subject).Where(one => one.State == VersionState.Live && (group is null || Property(one.Content!, group) == Property(content, group))).Reverse();
        return Check(level, view, subject, content, level.EndsWith("_TRANSITIVE", StringComparison.Ordinal) ? before : before.Take(1));
    }

    /// <summary>What keeps a schema from following certain versions; the first of them that it cannot follow is told.</summary>
    public static IReadOnlyList<string> Check(string level, RegistryView view, SubjectName subject, SchemaContent content, IEnumerable<SchemaVersion> before)
    {
        if (level == "NONE")
        {
            return [];
        }

        foreach (var version in before)
        {
            var faults = Compare(level, view, subject, content, version.Content!);
            if (faults.Count > 0)
            {
                return [.. faults, string.Create(CultureInfo.InvariantCulture, $"{{oldSchemaVersion: {version.Version}}}"), $"{{oldSchema: '{version.Content!.Text}'}}", $"{{compatibility: '{level}'}}"];
            }
        }

        return [];
    }

    private static List<string> Compare(string level, RegistryView view, SubjectName subject, SchemaContent now, SchemaContent then)
    {
        if (now.Type != then.Type)
        {
            return [$"{{errorType: 'SCHEMA_TYPE_CHANGED', description: 'The schema is of type {now.Type}, the earlier one of type {then.Type}'}}"];
        }

        var reads = SchemaFormats.Get(now.Type).Comparer(now.Text, view.Resolve(subject.Context, now), then.Text, view.Resolve(subject.Context, then));
        var faults = new List<string>();
        if (!level.StartsWith("FORWARD", StringComparison.Ordinal))
        {
            faults.AddRange(reads(true).Select(one => Tell(one, "new", "old")));
        }

        if (!level.StartsWith("BACKWARD", StringComparison.Ordinal))
        {
            faults.AddRange(reads(false).Select(one => Tell(one, "old", "new")));
        }

        return faults;
    }

    private static string Tell(Incompatibility one, string reader, string writer) =>
        $"{{errorType: '{one.Kind}', description: 'At path '{one.At}' of the {reader} schema, which reads data of the {writer} one', additionalInfo: '{one.Message}'}}";

    /// <summary>A metadata property of a schema; null if it has none of the name.</summary>
    public static string? Property(SchemaContent content, string property)
    {
        if (content.Metadata is null)
        {
            return null;
        }

        using var metadata = JsonDocument.Parse(content.Metadata);
        return metadata.RootElement.TryGetProperty("properties", out var properties) && properties.TryGetProperty(property, out var value) ? value.ToString() : null;
    }
}
