using System.Reflection;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>The metaschemas of the drafts, kept in the assembly.</summary>
internal static class Metaschemas
{
    private static readonly Assembly s_assembly = typeof(Metaschemas).Assembly;

    private static readonly Dictionary<string, (string File, Draft? Draft)> s_known = Known().ToDictionary(known => known.Address, known => (known.File, known.Draft), StringComparer.Ordinal);

    /// <summary>The draft whose metaschema has this address; null for others.</summary>
    public static Draft? DraftOf(string address) => s_known.TryGetValue(address.Replace("https://json-schema.org/draft-0", "http://json-schema.org/draft-0", StringComparison.Ordinal), out var known) ? known.Draft : null;

    /// <summary>The address of a draft's metaschema.</summary>
    public static string AddressOf(Draft draft) => s_known.First(known => known.Value.Draft == draft).Key;

    /// <summary>The text at an address; null if it is none of theirs.</summary>
    public static ReadOnlyMemory<byte>? Find(string address)
    {
        if (!s_known.TryGetValue(address, out var known))
        {
            return null;
        }

        using var stream = s_assembly.GetManifestResourceStream($"Trunkline.Server.Schemas.Json.Metaschemas.{known.File}")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static IEnumerable<(string Address, string File, Draft? Draft)> Known()
    {
        yield return ("http://json-schema.org/draft-04/schema", "draft-04.json", Draft.Four);
        yield return ("http://json-schema.org/draft-06/schema", "draft-06.json", Draft.Six);
        yield return ("http://json-schema.org/draft-07/schema", "draft-07.json", Draft.Seven);
        foreach (var (year, draft, parts) in new[]
        {
            ("2019-09", Draft.Y2019, "core applicator validation meta-data format content"),
            ("2020-12", Draft.Y2020, "core applicator unevaluated validation meta-data format-annotation content"),
        })
        {
            yield return ($"https://json-schema.org/draft/{year}/schema", $"{year}.schema.json", draft);
            foreach (var part in parts.Split(' '))
            {
                yield return ($"https://json-schema.org/draft/{year}/meta/{part}", $"{year}.{part}.json", null);
            }
        }
    }
}
