using System.Text.Json.Nodes;

namespace Trunkline.Core.Config.Grammar;

/// <summary>A value and where it is written.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Where">Where it is written.</param>
public sealed record Located<T>(T Value, SourceLocation Where);

/// <summary>A list.</summary>
/// <typeparam name="T">What an item becomes.</typeparam>
/// <param name="item">What an item may be.</param>
public sealed class ListType<T>(GrammarType<T> item) : GrammarType<IReadOnlyList<Located<T>>>
{
    /// <summary>True if one item may be written without the list. Default false.</summary>
    public bool AllowSingle { get; init; }

    /// <summary>The fewest items. Default 0.</summary>
    public int ItemsMin { get; init; }

    /// <summary>The most items. Default 1000.</summary>
    public int ItemsMax { get; init; } = 1000;

    /// <inheritdoc/>
    public override string Describe() => AllowSingle ? $"{item.Describe()}, or a list of them" : $"list of {item.Describe()}";

    /// <inheritdoc/>
    public override IEnumerable<ObjectType> Objects() => item.Objects();

    /// <inheritdoc/>
    public override JsonObject Schema(JsonObject definitions)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = item.Schema(definitions) };
        if (ItemsMin > 0)
        {
            list["minItems"] = ItemsMin;
        }

        return AllowSingle ? new JsonObject { ["anyOf"] = new JsonArray(item.Schema(definitions), list) } : list;
    }

    /// <inheritdoc/>
    public override bool TryRead(ConfigNode node, string path, GrammarReading reading, out IReadOnlyList<Located<T>> value)
    {
        var items = new List<Located<T>>();
        value = items;
        var nodes = node switch
        {
            SequenceNode list => list.Items,
            ScalarNode { IsNull: true } => [],
            _ => AllowSingle ? [node] : null,
        };
        if (nodes is null)
        {
            reading.WrongShape(node, path, "a list");
            return false;
        }

        if (nodes.Count < ItemsMin || nodes.Count > ItemsMax)
        {
            reading.Faults.Add(
                node.Where,
                FaultCodes.BadValue,
                FormattableString.Invariant($"{path} has {nodes.Count} items; expected {ItemsMin} to {ItemsMax}."),
                nodes.Count < ItemsMin ? "Add one, or remove the key." : "Use fewer.");
            return false;
        }

        for (var i = 0; i < nodes.Count; i++)
        {
            var itemPath = node is SequenceNode ? FormattableString.Invariant($"{path}[{i + 1}]") : path;
            if (item.TryRead(nodes[i], itemPath, reading, out var read))
            {
                items.Add(new Located<T>(read, nodes[i].Where));
            }
        }

        return true;
    }
}
