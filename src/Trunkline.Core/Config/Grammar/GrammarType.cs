using System.Text.Json.Nodes;

namespace Trunkline.Core.Config.Grammar;

/// <summary>
/// What a value may be. The reader, the JSON Schema and the reference page are all made from these, so that they cannot
/// say different things. Immutable.
/// </summary>
public abstract class GrammarType
{
    /// <summary>For people: <c>duration, such as 5s</c>.</summary>
    public abstract string Describe();

    /// <summary>JSON Schema 2020-12 of the value; objects are put into <paramref name="definitions"/> and referred to.</summary>
    public abstract JsonObject Schema(JsonObject definitions);

    /// <summary>The objects found in a value of this type, for the reference page.</summary>
    public virtual IEnumerable<ObjectType> Objects() => [];
}

/// <summary>A type whose values become <typeparamref name="T"/>.</summary>
/// <typeparam name="T">What a value becomes.</typeparam>
public abstract class GrammarType<T> : GrammarType
{
    /// <summary>Reads a value; what is wrong goes to the faults of the reading.</summary>
    /// <param name="node">The value.</param>
    /// <param name="path">Where it stands in the grammar, for messages: <c>flows.triage.retry</c>.</param>
    /// <param name="reading">The reading.</param>
    /// <param name="value">The result; default if false is returned.</param>
    /// <returns>False if there is no usable value.</returns>
    public abstract bool TryRead(ConfigNode node, string path, GrammarReading reading, out T value);
}
