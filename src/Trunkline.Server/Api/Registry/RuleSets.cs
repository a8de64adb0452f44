using System.Text.Json;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Api.Registry;

/// <summary>Rule sets that come with a schema. Clients carry the rules out; here they are kept, and looked at so far that clients can read them.</summary>
internal static class RuleSets
{
    private static readonly string[] s_kinds = ["TRANSFORM", "CONDITION"];
    private static readonly string[] s_migrating = ["UPGRADE", "DOWNGRADE", "UPDOWN"];
    private static readonly string[] s_others = ["WRITE", "READ", "WRITEREAD"];

    /// <summary>Refuses a rule set that is none.</summary>
    public static void Check(JsonElement ruleSet)
    {
        foreach (var (list, modes) in new[] { ("migrationRules", s_migrating), ("domainRules", s_others), ("encodingRules", s_others) })
        {
            if (ruleSet.TryGetProperty(list, out var rules) && rules.ValueKind != JsonValueKind.Null)
            {
                CheckRules(list, rules, modes);
            }
        }
    }

    private static void CheckRules(string list, JsonElement rules, string[] modes)
    {
        if (rules.ValueKind != JsonValueKind.Array)
        {
            throw Refuse($"{list} is no list");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rule in rules.EnumerateArray())
        {
            if (rule.ValueKind != JsonValueKind.Object || RegistryRequest.Text(rule, "name") is not { Length: > 0 } name)
            {
                throw Refuse($"a rule of {list} has no name");
            }

            if (!names.Add(name))
            {
                throw Refuse($"{list} has two rules of the name '{name}'");
            }

            CheckWord(list, name, rule, "kind", s_kinds);
            CheckWord(list, name, rule, "mode", modes);
        }
    }

    private static void CheckWord(string list, string name, JsonElement rule, string property, string[] words)
    {
        if (rule.TryGetProperty(property, out var value) && value.ValueKind != JsonValueKind.Null && (value.ValueKind != JsonValueKind.String || !words.Contains(value.GetString())))
        {
            throw Refuse($"the {property} of rule '{name}' is none of {string.Join(", ", words)}, which {list} have");
        }
    }

    private static RegistryRefusal Refuse(string why) => new(42210, $"Invalid ruleset: {why}");
}
