using System.Text.Json.Nodes;

namespace Trunkline.Core.Config.Grammar;

/// <summary>An object with known keys; any other key is a fault.</summary>
/// <param name="name">Its name in the schema and the reference.</param>
/// <param name="doc">What it is.</param>
/// <param name="keys">Its keys, in the order of the reference.</param>
public sealed class ObjectType(string name, string doc, params IReadOnlyList<GrammarKey> keys) : GrammarType<ObjectValues>
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>What it is.</summary>
    public string Doc => doc;

    /// <summary>Its keys.</summary>
    public IReadOnlyList<GrammarKey> Keys => keys;

    /// <summary>A single value stands for an object with this key only; null if it may not.</summary>
    public GrammarKey? Shorthand { get; init; }

    /// <summary>Of these keys exactly one must be there; empty for no such rule.</summary>
    public IReadOnlyList<GrammarKey> OneOf { get; init; } = [];

    /// <summary>The key whose value decides which others belong; null for none. One of <see cref="Keys"/>, a <see cref="ChoiceType{T}"/>.</summary>
    public GrammarKey? Deciding { get; init; }

    /// <inheritdoc/>
    public override string Describe() => Shorthand is null ? $"[{name}](#{name})" : $"[{name}](#{name}), or just its `{Shorthand.Name}`";

    /// <inheritdoc/>
    public override IEnumerable<ObjectType> Objects() => [this];

    /// <inheritdoc/>
    public override JsonObject Schema(JsonObject definitions) => ObjectSchema.Refer(this, definitions);

    /// <inheritdoc/>
    public override bool TryRead(ConfigNode node, string path, GrammarReading reading, out ObjectValues value)
    {
        var values = new Dictionary<GrammarKey, (object? Value, SourceLocation Where)>();
        value = new ObjectValues(path, node.Where, values);
        switch (node)
        {
            case MappingNode mapping:
                ReadEntries(mapping, path, reading, values);
                CheckPresence(mapping, value, reading);
                CheckKind(mapping, value, reading);
                return true;
            case ScalarNode { IsNull: false } when Shorthand is not null:
                values[Shorthand] = (Shorthand.Read(node, path, reading), node.Where);
                return true;
            case ScalarNode { IsNull: true } when OneOf.Count == 0 && !keys.Any(k => k.Required):
                return true;
            default:
                reading.WrongShape(node, path, "a mapping with " + Listed(keys.Where(k => !k.NotYet).Select(k => k.Name)));
                return false;
        }
    }

    private void ReadEntries(
        MappingNode mapping, string path, GrammarReading reading, Dictionary<GrammarKey, (object? Value, SourceLocation Where)> values)
    {
        foreach (var entry in mapping.Entries)
        {
            var key = keys.FirstOrDefault(k => k.Name == entry.Key);
            var keyPath = path.Length == 0 ? entry.Key : path + "." + entry.Key;
            if (key is null)
            {
                reading.Faults.Add(
                    entry.Where, FaultCodes.UnknownKey, $"{Named(path)} has no key '{Printable.Show(entry.Key)}'.", UnknownKeyRemedy(entry.Key));
            }
            else if (key.NotYet)
            {
                values[key] = (null, entry.Value.Where);
                reading.Faults.Add(
                    entry.Where, FaultCodes.NotYet, $"'{key.Name}'{(path.Length == 0 ? "" : $" of {path}")} is planned, but not in this version yet.", $"Remove it for now. {key.Doc}");
            }
            else
            {
                values[key] = (key.Read(entry.Value, keyPath, reading), entry.Value.Where);
            }
        }
    }

    private string UnknownKeyRemedy(string word)
    {
        var known = keys.Where(k => !k.NotYet).Select(k => k.Name).ToArray();
        var home = keys.FirstOrDefault(k => k.Type is ObjectType inner && inner.Keys.Any(i => i.Name == word));
        return home is null
            ? Suggestion.Remedy(word, known, $"Known keys: {string.Join(", ", known)}.")
            : $"Write it below '{home.Name}'.";
    }

    private void CheckPresence(MappingNode mapping, ObjectValues value, GrammarReading reading)
    {
        if (mapping.Truncated)
        {
            return;
        }

        foreach (var key in keys.Where(k => k.Required && !value.Has(k)))
        {
            reading.Faults.Add(value.Where, FaultCodes.MissingKey, $"{Named(value.Path)} has no '{key.Name}'.", $"Add '{key.Name}': {key.Doc}");
        }

        var present = OneOf.Where(value.Has).ToArray();
        if (OneOf.Count > 0 && present.Length == 0 && mapping.Entries.All(e => keys.Any(k => k.Name == e.Key)))
        {
            var expected = Listed(OneOf.Where(k => !k.NotYet).Select(k => k.Name));
            reading.Faults.Add(value.Where, FaultCodes.MissingKey, $"{Named(value.Path)} has none of {expected}.", "Write exactly one of them.");
        }
        else if (present.Length > 1)
        {
            reading.Faults.Add(
                value.WhereOf(present[1]),
                FaultCodes.KeyConflict,
                $"{Named(value.Path)} has {Listed(present.Select(k => $"'{k.Name}'"), "and")}; they exclude each other.",
                "Keep one of them.");
        }
    }

    private void CheckKind(MappingNode mapping, ObjectValues value, GrammarReading reading)
    {
        if (Deciding is not GrammarKey<string> deciding || value.Get(deciding) is not { } kind)
        {
            return;
        }

        foreach (var entry in mapping.Entries)
        {
            if (keys.FirstOrDefault(k => k.Name == entry.Key) is { Only.Count: > 0 } key && !key.Only.Contains(kind))
            {
                reading.Faults.Add(
                    entry.Where,
                    FaultCodes.KeyConflict,
                    $"'{key.Name}' does not belong to {Named(value.Path)} with {deciding.Name} '{kind}'.",
                    $"Remove it; it belongs to {Listed(key.Only)}.");
            }
        }

        foreach (var key in keys.Where(k => !mapping.Truncated && k.RequiredFor.Contains(kind) && !value.Has(k)))
        {
            reading.Faults.Add(
                value.Where, FaultCodes.MissingKey, $"{Named(value.Path)} with {deciding.Name} '{kind}' has no '{key.Name}'.", $"Add '{key.Name}': {key.Doc}");
        }
    }

    private string Named(string path) => path.Length == 0 ? $"The {name}" : path;

    private static string Listed(IEnumerable<string> names, string last = "or")
    {
        var all = names.ToArray();
        return all.Length < 2 ? string.Concat(all) : string.Join(", ", all[..^1]) + " " + last + " " + all[^1];
    }
}
