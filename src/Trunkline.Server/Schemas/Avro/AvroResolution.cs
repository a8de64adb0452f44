using System.Globalization;
using System.Runtime.CompilerServices;

namespace Trunkline.Server.Schemas.Avro;

/// <summary>
/// Whether a reader's schema can read all that a writer's schema can write, after the resolution rules of Avro as Apache's Java library
/// judges them (which registries call).
/// </summary>
internal sealed class AvroResolution
{
    private const int PairsMax = 1_000_000;

    // Pairs judged, and those being judged: a recursive pair is taken to be readable while it is.
    private readonly Dictionary<(AvroSchema, AvroSchema), IReadOnlyList<Incompatibility>> _judged = [];
    private readonly List<(AvroSchema, AvroSchema)> _order = [];
    private int _steps;

    /// <summary>Why data of the writer cannot be read; empty if all of it can.</summary>
    public static IReadOnlyList<Incompatibility> Check(AvroSchema reader, AvroSchema writer) => new AvroResolution().Judge(reader, writer, "");

    private IReadOnlyList<Incompatibility> Judge(AvroSchema reader, AvroSchema writer, string at)
    {
        if (_judged.TryGetValue((reader, writer), out var known))
        {
            return known;
        }

        if (++_steps >= PairsMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return [new("TOO_LARGE_TO_JUDGE", Root(at), "the two schemas are too large or nested too deep to be compared")];
        }

        var from = _order.Count;
        _order.Add((reader, writer));
        _judged[(reader, writer)] = [];
        var verdict = reader.Type == writer.Type ? Same(reader, writer, at) : Different(reader, writer, at);
        _judged[(reader, writer)] = verdict;
        if (verdict.Count > 0)
        {
            // What was found readable on the way may have rested on this pair being readable.
            foreach (var pair in _order.Skip(from + 1).Where(pair => _judged.TryGetValue(pair, out var found) && found.Count == 0))
            {
                _judged.Remove(pair);
            }

            _order.RemoveRange(from + 1, _order.Count - from - 1);
        }

        return verdict;
    }

    private IReadOnlyList<Incompatibility> Same(AvroSchema reader, AvroSchema writer, string at) => reader.Type switch
    {
        AvroType.Array => Judge(reader.Items!, writer.Items!, at + "/items"),
        AvroType.Map => Judge(reader.Items!, writer.Items!, at + "/values"),
        AvroType.Fixed => [.. Names(reader, writer, at), .. Sizes(reader, writer, at)],
        AvroType.Enum => [.. Names(reader, writer, at), .. Symbols(reader, writer, at)],
        AvroType.Record => [.. Names(reader, writer, at), .. Fields(reader, writer, at)],
        AvroType.Union => [.. writer.Branches.SelectMany((branch, place) => InUnion(reader, branch, string.Create(CultureInfo.InvariantCulture, $"{at}/{place}")))],
        _ => [],
    };

    private IReadOnlyList<Incompatibility> Different(AvroSchema reader, AvroSchema writer, string at)
    {
        if (writer.Type == AvroType.Union)
        {
            return [.. writer.Branches.SelectMany(branch => Judge(reader, branch, at))];
        }

        if (reader.Type == AvroType.Union)
        {
            return InUnion(reader, writer, at);
        }

        var promotes = (reader.Type, writer.Type) is (AvroType.Long or AvroType.Float or AvroType.Double, AvroType.Int)
            or (AvroType.Float or AvroType.Double, AvroType.Long) or (AvroType.Double, AvroType.Float)
            or (AvroType.Bytes, AvroType.String) or (AvroType.String, AvroType.Bytes);
        return promotes ? [] : [new("TYPE_MISMATCH", Root(at), $"reader type: {Upper(reader)} not compatible with writer type: {Upper(writer)}")];
    }

    private IReadOnlyList<Incompatibility> InUnion(AvroSchema reader, AvroSchema writer, string at) =>
        reader.Branches.Any(branch => Judge(branch, writer, at).Count == 0)
            ? []
            : [new("MISSING_UNION_BRANCH", Root(at), $"reader union lacking writer type: {Upper(writer)}")];

    private static IEnumerable<Incompatibility> Names(AvroSchema reader, AvroSchema writer, string at) =>
        reader.Name == writer.Name || reader.Aliases.Contains(writer.FullName) ? [] : [new("NAME_MISMATCH", at + "/name", $"expected: {writer.FullName}")];

    private static IEnumerable<Incompatibility> Sizes(AvroSchema reader, AvroSchema writer, string at) =>
        reader.Size == writer.Size ? [] : [new("FIXED_SIZE_MISMATCH", at + "/size", string.Create(CultureInfo.InvariantCulture, $"expected: {writer.Size}, found: {reader.Size}"))];

    private static IEnumerable<Incompatibility> Symbols(AvroSchema reader, AvroSchema writer, string at)
    {
        var missing = writer.Symbols.Except(reader.Symbols).ToList();
        return missing.Count == 0 || reader.SymbolDefault is not null ? [] : [new("MISSING_ENUM_SYMBOLS", at + "/symbols", $"[{string.Join(", ", missing)}]")];
    }

    private IEnumerable<Incompatibility> Fields(AvroSchema reader, AvroSchema writer, string at)
    {
        var byName = writer.Fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        for (var i = 0; i < reader.Fields.Count; i++)
        {
            var field = reader.Fields[i];
            var place = string.Create(CultureInfo.InvariantCulture, $"{at}/fields/{i}");
            var written = byName.GetValueOrDefault(field.Name) ?? field.Aliases.Select(byName.GetValueOrDefault).FirstOrDefault(found => found is not null);
            if (written is null && !field.HasDefault)
            {
                yield return new("READER_FIELD_MISSING_DEFAULT_VALUE", place, field.Name);
            }

            foreach (var fault in written is null ? [] : Judge(field.Schema, written.Schema, place + "/type"))
            {
                yield return fault;
            }
        }
    }

    private static string Root(string at) => at.Length == 0 ? "/" : at;

    private static string Upper(AvroSchema schema) => schema.TypeName.ToUpperInvariant();
}
