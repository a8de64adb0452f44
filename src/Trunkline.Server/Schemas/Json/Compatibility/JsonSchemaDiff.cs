using System.Runtime.CompilerServices;
using Trunkline.Server.Schemas.Json.Checks;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Counterexamples;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compatibility;

/// <summary>
/// Whether a reader's JSON Schema accepts everything a writer's schema allows, told in the words of Confluent's registry. A required property the
/// reader has a default for may be missing. What cannot be proved is told as a fault: it never says "compatible" by mistake.
/// </summary>
internal sealed class JsonSchemaDiff
{
    private const int StepsMax = 200_000;
    private const int FaultsMax = 20;

    // Longer examples explain nothing.
    private const int ExampleMax = 300;

    // Said about a value as a whole and hard to compare: the writer must say just the same, with all keywords that belong together.
    private static readonly string[][] s_opaque =
        [["not"], ["if", "then", "else"], ["dependencies"], ["dependentRequired"], ["dependentSchemas"], ["propertyNames"], ["contains", "minContains", "maxContains"]];

    private static readonly string[] s_evaluation = ["unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef"];

    // One kind each, to take a writer apart.
    private static readonly SchemaPart[] s_kinds =
        [.. new[] { "null", "boolean", "number", "string", "array", "object" }.Select(kind => new SchemaSide($$"""{"type":"{{kind}}"}""", new JsonSchemaOptions()).Root)];

    private readonly SchemaSide _reader;
    private readonly SchemaSide _writer;
    private readonly Dictionary<(int Reader, string Writer), int> _judging = [];
    private int _level;
    private int _steps;

    private JsonSchemaDiff(SchemaSide reader, SchemaSide writer) => (_reader, _writer) = (reader, writer);

    /// <summary>Why not everything the writer's schema allows is accepted by the reader's; empty if it is.</summary>
    public static IReadOnlyList<Incompatibility> Check(string reader, JsonSchemaOptions readerOptions, string writer, JsonSchemaOptions writerOptions)
    {
        if (reader == writer && AreSame(readerOptions.References, writerOptions.References))
        {
            return [];
        }

        var diff = new JsonSchemaDiff(new SchemaSide(reader, readerOptions), new SchemaSide(writer, writerOptions));
        var faults = new List<Incompatibility>();
        if (diff._reader.Root.Node.Resource.Dialect.Metaschema is not null || diff._writer.Root.Node.Resource.Dialect.Metaschema is not null)
        {
            Fault(faults, "DIALECT_NOT_COMPARED", diff._reader.Root, "schemas with a dialect of their own are only compatible with themselves");
            return faults;
        }

        return diff.Accepts(diff._reader.Root, diff._writer.Flatten([diff._writer.Root]), [], faults) ? [] : Confirm(faults, reader, readerOptions, diff._writer);
    }

    /// <summary>What the comparison of keywords could not show may still be so: then a value that is lost is looked for.</summary>
    private static List<Incompatibility> Confirm(List<Incompatibility> faults, string reader, JsonSchemaOptions readerOptions, SchemaSide writer)
    {
        var filling = new SchemaSide(reader, readerOptions with { FillsDefaults = true });
        var finding = CounterexampleSearch.Find(writer.Root.Node, filling.Root.Node);
        if (finding.IsNone)
        {
            return [];
        }

        if (faults.Count == 0)
        {
            faults.Add(new("NOT_PROVED", "#", "it could not be shown that the reader accepts all the writer allows"));
        }

        return finding.Value is { Length: <= ExampleMax } example
            ? [faults[0] with { Message = $"{faults[0].Message}; the writer may write {example}" }, .. faults.Skip(1)]
            : faults;
    }

    /// <summary>True if a reader's schema accepts what all of the writer's parts allow together.</summary>
    public bool Accepts(SchemaPart reader, List<SchemaPart> writer, HashSet<(SchemaNode, string)> split, List<Incompatibility> faults)
    {
        if (++_steps > StepsMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return Fault(faults, "TOO_LARGE_TO_JUDGE", reader, "the two schemas are too large or nested too deep to be compared");
        }

        if (writer.Any(part => part.IsNever))
        {
            return true;
        }

        // Schemas that contain themselves: below a property or item, what is being judged is taken to be accepted where it comes back to itself.
        var pair = (_reader.NumberOf(reader), string.Join(',', writer.Select(_writer.NumberOf)) + "|" + split.Count);
        if (_judging.TryGetValue(pair, out var level))
        {
            return level < _level || Fault(faults, "REFERENCE_WITHOUT_END", reader, "the schema refers to itself at the same place");
        }

        _judging.Add(pair, _level);
        var accepts = true;
        foreach (var part in _reader.Flatten([reader]))
        {
            accepts &= PartAccepts(part, writer, split, faults);
        }

        _judging.Remove(pair);
        return accepts;
    }

    /// <summary>As <see cref="Accepts"/>, for a property or item of what is being judged.</summary>
    public bool AcceptsBelow(SchemaPart reader, List<SchemaPart> writer, List<Incompatibility> faults)
    {
        _level++;
        var accepts = Accepts(reader, writer, [], faults);
        _level--;
        return accepts;
    }

    /// <summary>Notes a fault; false.</summary>
    public static bool Fault(List<Incompatibility> faults, string kind, SchemaPart reader, string message)
    {
        if (faults.Count < FaultsMax)
        {
            faults.Add(new(kind, "#" + reader.Pointer, message));
        }

        return false;
    }

    /// <summary>A reader's schema at a place.</summary>
    public SchemaPart ReaderAt(SchemaPart part, int token) => _reader.At(part, token);

    /// <summary>A writer's schemas at some places, with all that applies there.</summary>
    public List<SchemaPart> WriterAt(IEnumerable<(SchemaPart Part, int Token)> places) => _writer.Flatten(places.Select(place => _writer.At(place.Part, place.Token)));

    private bool PartAccepts(SchemaPart part, List<SchemaPart> writer, HashSet<(SchemaNode, string)> split, List<Incompatibility> faults)
    {
        if (part.IsNever)
        {
            return Fault(faults, "NOTHING_ACCEPTED", part, "the reader accepts nothing here");
        }

        if (part.Index[part.Token].Kind != JsonKind.Object)
        {
            return true;
        }

        if (Values(writer) is { } values)
        {
            return AcceptsValues(part, writer, values, faults);
        }

        // First against what the writer says of every alternative; if that is not enough, alternative by alternative.
        var direct = new List<Incompatibility>();
        if (Own(part, writer, direct) && Alternatives(part, writer, split, direct))
        {
            return true;
        }

        var (cases, tried) = Cases(part, writer, split);
        if (cases.Count == 0)
        {
            faults.AddRange(direct.Take(FaultsMax - faults.Count));
            return false;
        }

        return cases.TrueForAll(narrowed => IsEmpty(narrowed) || Accepts(part, narrowed, tried, faults));
    }

    /// <summary>What the writer allows, taken apart: by its alternatives, or by kinds where the reader has alternatives.</summary>
    private (List<List<SchemaPart>> Cases, HashSet<(SchemaNode, string)> Tried) Cases(SchemaPart part, List<SchemaPart> writer, HashSet<(SchemaNode, string)> split)
    {
        var tried = new HashSet<(SchemaNode, string)>(split);
        if (_writer.Split(writer, tried) is { } alternatives)
        {
            return ([.. alternatives.Select(one => With(writer, _writer.Flatten([one])))], tried);
        }

        var byKind = (part.Find("anyOf"u8) >= 0 || part.Find("oneOf"u8) >= 0) && tried.Add((part.Node, "type"));
        return (byKind ? [.. s_kinds.Select(kind => With(writer, [kind]))] : [], tried);
    }

    private static List<SchemaPart> With(List<SchemaPart> writer, List<SchemaPart> more) => [.. writer, .. more.Where(one => writer.TrueForAll(other => other.Node != one.Node))];

    private bool Own(SchemaPart part, List<SchemaPart> writer, List<Incompatibility> faults)
    {
        var accepts = ScalarDiff.Accepts(part, writer, faults);
        accepts &= new StructureDiff(this).Accepts(part, writer, faults);
        foreach (var keywords in s_opaque.Where(keywords => part.Raw(keywords[0]) is not null))
        {
            var said = keywords.Select(part.Raw).ToList();
            if (!writer.Any(other => other.Draft == part.Draft && keywords.Select(other.Raw).SequenceEqual(said)) || said.Exists(text => text?.Contains("ref\"", StringComparison.Ordinal) == true))
            {
                accepts = Fault(faults, $"{keywords[0].ToUpperInvariant()}_CHANGED", part, $"the writer does not say the same with {keywords[0]}");
            }
        }

        foreach (var keyword in s_evaluation.Where(keyword => part.Find(System.Text.Encoding.UTF8.GetBytes(keyword)) >= 0))
        {
            var whole = part.Raw(part.Token);
            if (whole.Contains("ref\"", StringComparison.OrdinalIgnoreCase) || !writer.Any(other => other.Draft == part.Draft && other.Raw(other.Token) == whole))
            {
                accepts = Fault(faults, $"{keyword.TrimStart('$').ToUpperInvariant()}_CHANGED", part, $"{keyword} is only compared where both schemas are the same");
            }
        }

        return accepts;
    }

    private bool Alternatives(SchemaPart part, List<SchemaPart> writer, HashSet<(SchemaNode, string)> split, List<Incompatibility> faults)
    {
        var accepts = true;
        if (part.Find("anyOf"u8) is >= 0 and var any && !SchemaPlaces.Items(part.Index, any).Any(token => Accepts(_reader.At(part, token), writer, split, [])))
        {
            accepts = Fault(faults, "SUM_TYPE_NARROWED", part, "no alternative of anyOf accepts all the writer allows");
        }

        if (part.Find("oneOf"u8) is >= 0 and var one)
        {
            var alternatives = SchemaPlaces.Items(part.Index, one).Select(token => _reader.At(part, token)).ToList();
            accepts &= alternatives.Any(taken => Accepts(taken, writer, split, []) && alternatives.TrueForAll(other => other.Node == taken.Node || Excludes(other, writer)))
                || Fault(faults, "SUM_TYPE_NARROWED", part, "no alternative of oneOf accepts all the writer allows, or another one may accept it too");
        }

        return accepts;
    }

    /// <summary>True if nothing the writer allows can fit a reader's schema: by kind, by fixed values, or by a property it must not have.</summary>
    private bool Excludes(SchemaPart reader, List<SchemaPart> writer)
    {
        var flat = _reader.Flatten([reader]);
        return IsEmpty([.. flat, .. writer]) || StructureDiff.Disagree(this, flat, writer, _reader);
    }

    /// <summary>True if no value can fit all of some schemas, as far as kinds and fixed values tell.</summary>
    public static bool IsEmpty(List<SchemaPart> parts)
    {
        if (parts.Any(part => part.IsNever) || (ScalarDiff.Kinds(parts).Bits & KindMask.Any.Bits) == 0)
        {
            return true;
        }

        return Values(parts) is { } values && !values.Tokens.Any(token => parts.TrueForAll(part => SchemaSide.Fits(part, values.Index, token)));
    }

    /// <summary>The values a writer is limited to; null if it is not limited to a list of them.</summary>
    public static (JsonIndex Index, IReadOnlyList<int> Tokens)? Values(List<SchemaPart> writer)
    {
        foreach (var part in writer)
        {
            if (part.Draft >= Draft.Six && part.Find("const"u8) is >= 0 and var value)
            {
                return (part.Index, [value]);
            }

            if (part.Find("enum"u8) is >= 0 and var list)
            {
                return (part.Index, [.. SchemaPlaces.Items(part.Index, list)]);
            }
        }

        return null;
    }

    private static bool AreSame(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> some, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> others) =>
        some.Count == others.Count && some.All(one => others.TryGetValue(one.Key, out var other) && other.Span.SequenceEqual(one.Value.Span));

    private static bool AcceptsValues(SchemaPart part, List<SchemaPart> writer, (JsonIndex Index, IReadOnlyList<int> Tokens) values, List<Incompatibility> faults)
    {
        var lost = values.Tokens.Any(token => IsLost(part, writer, values.Index, token) || (part.Draft == Draft.Four && IsLostWithFractions(part, writer, values.Index, token)));
        return !lost || Fault(faults, "ENUM_ARRAY_NARROWED", part, "a value the writer may write is not accepted");
    }

    private static bool IsLost(SchemaPart part, List<SchemaPart> writer, JsonIndex values, int token) =>
        writer.TrueForAll(other => SchemaSide.Fits(other, values, token)) && !SchemaSide.Fits(part, values, token);

    private static bool IsLostWithFractions(SchemaPart part, List<SchemaPart> writer, JsonIndex values, int token)
    {
        using var other = NumberForms.WithFractions(values, token);
        return other is not null && IsLost(part, writer, other, 0);
    }
}
