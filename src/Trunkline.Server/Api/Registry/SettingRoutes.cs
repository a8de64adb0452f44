using System.Text.Json;
using Trunkline.Core.Security;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Api.Registry;

/// <summary>Compatibility and mode, of all and of a subject, and the check of a schema against versions.</summary>
internal static class SettingRoutes
{
    // Stored by Confluent's registry and acted upon there; to take them and do nothing would be worse than to refuse them.
    private static readonly string[] s_notHere =
        ["alias", "aliasForDeks", "validateFields", "validateNewSchemas", "validateRules", "defaultMetadata", "overrideMetadata", "defaultRuleSet", "overrideRuleSet"];

    public static void Map(RouteGroupBuilder group)
    {
        foreach (var path in (string[])["", "/{subject}"])
        {
            group.Get("/config" + path, Scopes.Read, Config);
            group.Store((HttpMethods.Put, "/config" + path), Scopes.Operate, "set-compatibility", SetConfigAsync);
            group.Store((HttpMethods.Delete, "/config" + path), Scopes.Operate, "set-compatibility", RemoveConfigAsync);
            group.Get("/mode" + path, Scopes.Read, Mode);
            group.Store((HttpMethods.Put, "/mode" + path), Scopes.Operate, "set-registry-mode", SetModeAsync);
            group.Store((HttpMethods.Delete, "/mode" + path), Scopes.Operate, "set-registry-mode", RemoveModeAsync);
        }

        group.Ask("/compatibility/subjects/{subject}/versions", CheckAsync);
        group.Ask("/compatibility/subjects/{subject}/versions/{version}", CheckAsync);
    }

    /// <summary>The name settings are kept under: a subject, a context, or empty for all.</summary>
    private static string Target(RegistryRequest request) => request.Route("subject") is null && request.Context is null ? "" : request.Subject.ToString();

    private static IResult Config(RegistryRequest request)
    {
        var target = Target(request);
        var own = request.View.Configs.GetValueOrDefault(target);
        if (target.Length > 0 && own is null or { Compatibility: null, CompatibilityGroup: null, Normalize: null } && !request.Flag("defaultToGlobal"))
        {
            throw new RegistryRefusal(40408, $"Subject '{target}' does not have subject-level compatibility configured");
        }

        var level = own?.Compatibility ?? request.Registry.Settings.Level(request.Subject);
        return RegistryAnswers.Object(writer =>
        {
            writer.WriteString("compatibilityLevel", level);
            WriteRest(writer, own);
        });
    }

    private static async Task<IResult> SetConfigAsync(RegistryRequest request)
    {
        var body = await request.BodyAsync();
        if (s_notHere.FirstOrDefault(name => body.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)) is { } name)
        {
            throw new RegistryRefusal(422, $"'{name}' is not supported by this registry");
        }

        var level = RegistryRequest.Text(body, "compatibility")?.ToUpperInvariant();
        if (level is not null && !RegistrySettings.Levels.Contains(level))
        {
            throw new RegistryRefusal(42203, "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive");
        }

        if (RegistryRequest.Text(body, "compatibilityPolicy") is not (null or "STRICT"))
        {
            throw new RegistryRefusal(42203, "Invalid compatibility policy: this registry has STRICT only");
        }

        var config = await request.Registry.ConfigureAsync(
            Target(request),
            before => before with
            {
                Compatibility = level ?? before.Compatibility,
                CompatibilityGroup = RegistryRequest.Text(body, "compatibilityGroup") ?? before.CompatibilityGroup,
                Normalize = body.TryGetProperty("normalize", out var normalize) && normalize.ValueKind is JsonValueKind.True or JsonValueKind.False ? normalize.GetBoolean() : before.Normalize,
            },
            request.Aborted);
        request.Stored = string.Join(", ", new[] { config?.Compatibility, config?.CompatibilityGroup is { } group ? $"group {group}" : null, config?.Normalize is { } normalize ? $"normalize {normalize}" : null }.OfType<string>());
        return RegistryAnswers.Object(writer =>
        {
            if (level is not null)
            {
                writer.WriteString("compatibility", level);
            }

            WriteRest(writer, config);
        });
    }

    private static async Task<IResult> RemoveConfigAsync(RegistryRequest request)
    {
        var target = Target(request);
        var level = RegistrySettings.DefaultLevel;
        await request.Registry.ConfigureAsync(
            target,
            before =>
            {
                if (target.Length > 0 && before is { Compatibility: null, CompatibilityGroup: null, Normalize: null })
                {
                    throw new RegistryRefusal(40408, $"Subject '{target}' does not have subject-level compatibility configured");
                }

                level = before.Compatibility ?? level;
                return before.Mode is null ? null : new SubjectConfig { Mode = before.Mode };
            },
            request.Aborted);
        request.Stored = "taken away";
        return RegistryAnswers.Object(writer => writer.WriteString("compatibilityLevel", level));
    }

    private static void WriteRest(Utf8JsonWriter writer, SubjectConfig? config)
    {
        if (config?.CompatibilityGroup is { } group)
        {
            writer.WriteString("compatibilityGroup", group);
        }

        if (config?.Normalize is { } normalize)
        {
            writer.WriteBoolean("normalize", normalize);
        }
    }

    private static IResult Mode(RegistryRequest request)
    {
        var target = Target(request);
        var own = request.View.Configs.GetValueOrDefault(target)?.Mode;
        if (target.Length > 0 && own is null && !request.Flag("defaultToGlobal"))
        {
            throw new RegistryRefusal(40409, $"Subject '{target}' does not have subject-level mode configured");
        }

        return RegistryAnswers.Object(writer => writer.WriteString("mode", own ?? request.Registry.Settings.Mode(request.Subject)));
    }

    private static async Task<IResult> SetModeAsync(RegistryRequest request)
    {
        var target = Target(request);
        var mode = RegistryRequest.Text(await request.BodyAsync(), "mode")?.ToUpperInvariant();
        if (mode is null || !RegistrySettings.Modes.Contains(mode))
        {
            throw new RegistryRefusal(42204, $"Invalid mode. Valid values are {string.Join(", ", RegistrySettings.Modes)}");
        }

        await request.Registry.ConfigureAsync(
            target,
            before =>
            {
                var subjects = request.Subject.Subject.Length > 0
                    ? request.View.Versions(request.Subject)
                    : request.View.Subjects.Select(SubjectName.Parse).Where(name => target.Length == 0 || name.Context == request.Subject.Context).SelectMany(request.View.Versions);
                return mode != "IMPORT" || request.Flag("force") || subjects.All(one => one.State == VersionState.Gone)
                    ? before with { Mode = mode }
                    : throw new RegistryRefusal(42205, "Cannot import since found existing subjects");
            },
            request.Aborted);
        request.Stored = mode;
        return RegistryAnswers.Object(writer => writer.WriteString("mode", mode));
    }

    private static async Task<IResult> RemoveModeAsync(RegistryRequest request)
    {
        var target = Target(request);
        var mode = RegistrySettings.DefaultMode;
        await request.Registry.ConfigureAsync(
            target,
            before =>
            {
                mode = before.Mode ?? (target.Length == 0 ? mode : throw new RegistryRefusal(40409, $"Subject '{target}' does not have subject-level mode configured"));
                return before with { Mode = null } is var rest && rest == new SubjectConfig() ? null : rest;
            },
            request.Aborted);
        request.Stored = "taken away";
        return RegistryAnswers.Object(writer => writer.WriteString("mode", mode));
    }

    private static async Task<IResult> CheckAsync(RegistryRequest request)
    {
        var body = await request.BodyAsync();
        var content = request.Registry.Resolve(request.Subject, request.Content(body));
        var level = request.Registry.Settings.Level(request.Subject);
        IReadOnlyList<string> faults = request.Route("version") is not null
            ? SchemaCompatibility.Check(level, request.View, request.Subject, content, [request.Version()])
            : SchemaCompatibility.Check(request.Registry.Settings, request.View, request.Subject, content);
        return RegistryAnswers.Object(writer =>
        {
            writer.WriteBoolean("is_compatible", faults.Count == 0);
            if (request.Flag("verbose"))
            {
                writer.WriteStartArray("messages");
                foreach (var fault in faults)
                {
                    writer.WriteStringValue(fault);
                }

                writer.WriteEndArray();
            }
        });
    }
}
