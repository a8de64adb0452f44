namespace Trunkline.Cli.Commands;

/// <summary>Differences between two .proto files as the registry prints them: a statement a line, or some lines up to a semicolon.</summary>
internal static class ProtoPlaces
{
    /// <summary>The format's name in the registry.</summary>
    public const string Format = "PROTOBUF";

    private static readonly string[] s_blocks = ["message ", "enum ", "oneof ", "extend ", "service "];

    /// <summary>The differences, statement by statement; fields are known by their names.</summary>
    public static IReadOnlyList<SchemaChange> Diff(string older, string newer)
    {
        var (before, after) = (Places(older), Places(newer));
        return
        [
            .. before.Where(place => after.GetValueOrDefault(place.Key) != place.Value).Select(place => new SchemaChange(place.Key, place.Value, after.GetValueOrDefault(place.Key))),
            .. after.Where(place => !before.ContainsKey(place.Key)).Select(place => new SchemaChange(place.Key, null, place.Value)),
        ];
    }

    private static Dictionary<string, string> Places(string text)
    {
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        var blocks = new Stack<string>();
        var statement = "";
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            statement = statement.Length == 0 ? line : $"{statement} {line}";
            var at = string.Concat(blocks.Reverse().Select(block => "/" + block));
            if (line.EndsWith('{') && (Array.Exists(s_blocks, block => statement.StartsWith(block, StringComparison.Ordinal)) || statement.Contains("group ", StringComparison.Ordinal)))
            {
                blocks.Push(Name(statement));
                places[$"{at}/{Name(statement)}"] = statement.TrimEnd('{', ' ');
                statement = "";
            }
            else if (line == "}" && statement == "}")
            {
                _ = blocks.TryPop(out _);
                statement = "";
            }
            else if (line.EndsWith(';'))
            {
                places[$"{at}/{Name(statement)}"] = statement.TrimEnd(';');
                statement = "";
            }
        }

        return places;
    }

    /// <summary>What a statement is about: the word before the equals sign, else the second word, else all of it.</summary>
    private static string Name(string statement)
    {
        var equals = statement.IndexOf(" = ", StringComparison.Ordinal);
        var words = (equals > 0 ? statement[..equals] : statement.TrimEnd('{', ' ', ';')).Split(' ');
        return equals > 0 ? words[^1] : string.Join(' ', words.Skip(1));
    }
}
