using System.Text.Json.Nodes;

namespace Trunkline.Core.Config.Grammar;

/// <summary>A named value of a map.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Name">The name.</param>
/// <param name="Where">Where the name is written.</param>
/// <param name="Value">The value; default if it could not be read.</param>
public sealed record Named<T>(string Name, SourceLocation Where, T? Value);

/// <summary>A map from names the user chooses.</summary>
/// <typeparam name="T">What a value becomes.</typeparam>
/// <param name="noun">What a name names: <c>topic</c>.</param>
/// <param name="nameProblem">What is wrong with a name, or null.</param>
/// <param name="namePattern">The same as a regular expression, for editors.</param>
/// <param name="item">What a value may be.</param>
public sealed class MapType<T>(string noun, Func<string, string?> nameProblem, string namePattern, GrammarType<T> item)
    : GrammarType<IReadOnlyList<Named<T>>>
{
    /// <inheritdoc/>
    public override string Describe() => $"{item.Describe()} by {noun} name";

    /// <inheritdoc/>
    public override IEnumerable<ObjectType> Objects() => item.Objects();

    /// <inheritdoc/>
    public override JsonObject Schema(JsonObject definitions) => new()
    {
        ["type"] = new JsonArray("object", "null"),
        ["propertyNames"] = new JsonObject { ["pattern"] = namePattern },
        ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(item.Schema(definitions), new JsonObject { ["type"] = "null" }) },
    };

    /// <inheritdoc/>
    public override bool TryRead(ConfigNode node, string path, GrammarReading reading, out IReadOnlyList<Named<T>> value)
    {
        var items = new List<Named<T>>();
        value = items;
        if (node is ScalarNode { IsNull: true })
        {
            return true;
        }

        if (node is not MappingNode mapping)
        {
            reading.WrongShape(node, path, $"a mapping from {noun} names");
            return false;
        }

        foreach (var entry in mapping.Entries)
        {
            if (nameProblem(entry.Key) is { } problem)
            {
                reading.Faults.Add(
                    entry.Where, FaultCodes.BadName, $"'{Printable.Show(entry.Key)}' cannot be the name of a {noun}: {problem}.", "Choose another name.");
            }

            item.TryRead(entry.Value, path + "." + Printable.Show(entry.Key), reading, out var read);
            items.Add(new Named<T>(entry.Key, entry.Where, read));
        }

        return true;
    }
}
