using System.Diagnostics.CodeAnalysis;

namespace Trunkline.Core.Config.Grammar;

/// <summary>An object as read. What was missing or faulty gives the type's default: the fault is reported already.</summary>
public sealed class ObjectValues
{
    private readonly Dictionary<GrammarKey, (object? Value, SourceLocation Where)> _values;

    internal ObjectValues(string path, SourceLocation where, Dictionary<GrammarKey, (object? Value, SourceLocation Where)> values) =>
        (Path, Where, _values) = (path, where, values);

    /// <summary>Where it stands in the grammar: <c>flows.triage</c>.</summary>
    public string Path { get; }

    /// <summary>Where it is written.</summary>
    public SourceLocation Where { get; }

    /// <summary>An object without any key, in place of one that could not be read.</summary>
    public static ObjectValues None(SourceLocation where) => new("", where, []);

    /// <summary>True if the key is written, faulty or not.</summary>
    public bool Has(GrammarKey key) => _values.ContainsKey(key);

    /// <summary>The value, or the default of <typeparamref name="T"/>.</summary>
    [return: MaybeNull]
    public T Get<T>(GrammarKey<T> key) => _values.TryGetValue(key, out var entry) && entry.Value is T value ? value : default;

    /// <summary>The value, or the given one.</summary>
    public T Get<T>(GrammarKey<T> key, T otherwise) => _values.TryGetValue(key, out var entry) && entry.Value is T value ? value : otherwise;

    /// <summary>Where the key's value is written; the object's place if it is not.</summary>
    public SourceLocation WhereOf(GrammarKey key) => _values.TryGetValue(key, out var entry) ? entry.Where : Where;
}
