namespace Trunkline.Core.Config;

/// <summary>A piece of a configuration file and where it is written: a closed family. Immutable.</summary>
public abstract class ConfigNode
{
    private protected ConfigNode(SourceLocation where, int weight) => (Where, Weight) = (where, weight);

    /// <summary>Where it begins.</summary>
    public SourceLocation Where { get; }

    /// <summary>Number of nodes it consists of once every alias is written out.</summary>
    public int Weight { get; }

    /// <summary>What it is, for messages: <c>a list</c>.</summary>
    public abstract string Shape { get; }
}

/// <summary>A single value, before variables are put in.</summary>
public sealed class ScalarNode : ConfigNode
{
    internal ScalarNode(SourceLocation where, string text, bool isPlain)
        : base(where, 1) => (Text, IsPlain) = (text, isPlain);

    /// <summary>The text as written, without quotes.</summary>
    public string Text { get; }

    /// <summary>True if written without quotes.</summary>
    public bool IsPlain { get; }

    /// <summary>True for nothing, <c>~</c> and <c>null</c>.</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null";

    /// <inheritdoc/>
    public override string Shape => IsNull ? "nothing" : "a single value";
}

/// <summary>Keys with values, in the order written; no key twice.</summary>
public sealed class MappingNode : ConfigNode
{
    internal MappingNode(SourceLocation where, IReadOnlyList<MappingEntry> entries, bool truncated)
        : base(where, 1 + entries.Sum(e => e.Value.Weight)) => (Entries, Truncated) = (entries, truncated);

    /// <summary>The entries.</summary>
    public IReadOnlyList<MappingEntry> Entries { get; }

    /// <summary>True if keys may be missing without fault: the file broke off inside, or a value could not be read.</summary>
    public bool Truncated { get; }

    /// <inheritdoc/>
    public override string Shape => "a mapping";

    /// <summary>The value of a key, or null.</summary>
    public ConfigNode? Find(string key) => Entries.FirstOrDefault(e => e.Key == key)?.Value;
}

/// <summary>One key of a mapping.</summary>
/// <param name="Key">The key.</param>
/// <param name="Where">Where the key is written.</param>
/// <param name="Value">Its value.</param>
public sealed record MappingEntry(string Key, SourceLocation Where, ConfigNode Value);

/// <summary>Values in order.</summary>
public sealed class SequenceNode : ConfigNode
{
    internal SequenceNode(SourceLocation where, IReadOnlyList<ConfigNode> items)
        : base(where, 1 + items.Sum(i => i.Weight)) => Items = items;

    /// <summary>The values.</summary>
    public IReadOnlyList<ConfigNode> Items { get; }

    /// <inheritdoc/>
    public override string Shape => "a list";
}
