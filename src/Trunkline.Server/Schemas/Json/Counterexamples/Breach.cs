using Trunkline.Server.Schemas.Json.Checks;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>Something of an object that has to be somewhere: a property whose value, or whose name, does not fit.</summary>
/// <param name="Rules">The rules it is to break.</param>
/// <param name="Way">Which of them.</param>
/// <param name="Place">The pattern's place among those of the rules.</param>
internal sealed record Breach(ObjectRules Rules, Way Way, int Place)
{
    /// <summary>What is claimed of the property's value.</summary>
    public IEnumerable<Claim> Value => Way switch
    {
        Way.PatternProperty => [new Claim(Rules.Patterns[Place].Schema, false)],
        Way.AdditionalProperty => [new Claim(Rules.Additional!, false)],
        _ => [],
    };

    /// <summary>True if a property of this name can be it.</summary>
    public bool MayBe(ObjectNames names, string name) => Way switch
    {
        Way.PatternProperty => names.Matches(Rules.Patterns[Place].Pattern, name),
        Way.AdditionalProperty => !ObjectNames.IsNamed(Rules, name) && !Rules.Patterns.Any(one => names.Matches(one.Pattern, name)),
        _ => !names.Fits(Rules.NameSchema!, name),
    };
}
