namespace Trunkline.Core.Config.Grammar;

/// <summary>A key of an object: its name, what it means and what it may hold. Immutable.</summary>
public abstract class GrammarKey
{
    private protected GrammarKey(string name, string doc) => (Name, Doc) = (name, doc);

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>What it means: one or two sentences.</summary>
    public string Doc { get; }

    /// <summary>True if it must be there. Default false.</summary>
    public bool Required { get; init; }

    /// <summary>The default as one would write it; null if there is none.</summary>
    public string? Default { get; init; }

    /// <summary>For which values of the object's deciding key it is allowed; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>For which values of the object's deciding key it must be there.</summary>
    public IReadOnlyList<string> RequiredFor { get; init; } = [];

    /// <summary>True if the grammar has the key but this version does not bring it: it is refused, never ignored.</summary>
    public bool NotYet { get; init; }

    /// <summary>What it may hold.</summary>
    public abstract GrammarType Type { get; }

    /// <summary>Reads the value; null if there is no usable one.</summary>
    internal abstract object? Read(ConfigNode node, string path, GrammarReading reading);
}

/// <summary>A key whose value becomes <typeparamref name="T"/>.</summary>
/// <typeparam name="T">What the value becomes.</typeparam>
/// <param name="name">The name.</param>
/// <param name="type">What it may hold.</param>
/// <param name="doc">What it means.</param>
public sealed class GrammarKey<T>(string name, GrammarType<T> type, string doc) : GrammarKey(name, doc)
{
    /// <inheritdoc/>
    public override GrammarType Type => type;

    internal override object? Read(ConfigNode node, string path, GrammarReading reading) =>
        type.TryRead(node, path, reading, out var value) ? value : null;
}
