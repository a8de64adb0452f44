using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Compiling;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>A schema that a value fits, or does not fit.</summary>
/// <param name="Node">The schema.</param>
/// <param name="Holds">Whether the value fits it.</param>
internal readonly record struct Claim(SchemaNode Node, bool Holds)
{
    /// <summary>What cannot be true beside this.</summary>
    public Claim Opposite => this with { Holds = !Holds };
}

/// <summary>How a check of a schema passes or fails.</summary>
internal enum Way
{
    /// <summary>It passes.</summary>
    Holds,

    /// <summary>It fails, where there is but one way to.</summary>
    Fails,

    /// <summary>Fewer, or shorter, than the least.</summary>
    BelowLeast,

    /// <summary>More, or longer, than the most.</summary>
    AboveMost,

    /// <summary>The item at a place does not fit its schema.</summary>
    Item,

    /// <summary>An item behind those with schemas of their own does not fit.</summary>
    LaterItem,

    /// <summary>A required name is missing.</summary>
    Missing,

    /// <summary>The property of a name does not fit.</summary>
    Property,

    /// <summary>A property whose name has a pattern does not fit.</summary>
    PatternProperty,

    /// <summary>A property that nothing else is said of does not fit.</summary>
    AdditionalProperty,

    /// <summary>A name does not fit.</summary>
    Name,

    /// <summary>The name that others depend on is there.</summary>
    Present,

    /// <summary>The name that others depend on, or one of those, is not there.</summary>
    Absent,

    /// <summary>A number is whole.</summary>
    Whole,

    /// <summary>A number has a fraction.</summary>
    NotWhole,
}

/// <summary>What a value of one kind has to be, so that a check passes or fails.</summary>
/// <param name="Way">How.</param>
/// <param name="Check">The check; null for what <c>type</c> says of numbers.</param>
/// <param name="Place">Which of its parts, where it has several.</param>
internal readonly record struct Demand(Way Way, SchemaCheck? Check = null, int Place = 0)
{
    /// <summary>The place of the name that others depend on.</summary>
    public const int Itself = -1;

    /// <summary>The place where whole means written without a fraction, as draft 4 has it.</summary>
    public const int Literally = 1;
}

/// <summary>One of the ways in which something can be true.</summary>
internal sealed record Option(IReadOnlyList<Claim> Claims, IReadOnlyList<Demand> Demands)
{
    /// <summary>Where nothing is known of the way: any value may be one.</summary>
    public static readonly Option Anything = new([], []);

    public static Option Of(params IReadOnlyList<Claim> claims) => new(claims, []);

    public static Option Of(params IReadOnlyList<Demand> demands) => new([], demands);
}

/// <summary>What was found out of claims.</summary>
/// <param name="IsNone">True if it is proved that no value meets them all.</param>
/// <param name="Value">A value that meets them, as JSON; null if none was found.</param>
internal readonly record struct Finding(bool IsNone, string? Value)
{
    /// <summary>No value meets them.</summary>
    public static readonly Finding None = new(true, null);

    /// <summary>Neither a value nor a proof was found.</summary>
    public static readonly Finding Unknown;

    /// <summary>A value meets them.</summary>
    public static Finding Some(string json) => new(false, json);
}
