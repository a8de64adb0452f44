using System.Globalization;

namespace Trunkline.Server.Tests.Expressions;

/// <summary>Bodies and expressions by chance, drawn from what is everyday and from what is odd about JSON and JavaScript.</summary>
internal sealed class ExpressionCases(int seed)
{
    private const int DepthMax = 3;
    private readonly Random _random = new(seed);

    private static readonly string[] Names =
        ["a", "b", "c", "n", "s", "list", "obj", "length", "a", "b", "toString", "é", "a-b", ""];

    private static readonly string[] OddNames = ["__proto__", "1", "07", "constructor", "a\\u0062", "\\u0061", "valueOf", "x\\ud83d"];

    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "2", "42", "-7", "1.5", "-0.5", "1.0", "-0.0", "0.1", "0.30", "12.3456789", "123456789012345", "1234567890123456", "9007199254740991",
        "0.000001", "0.0000001", "0.00000123", "100.25000", "12345678.12345678", "0.1234567890123456789", "-100.0000001", "10.5", "10.0000000001",
    ];

    private static readonly string[] OddNumbers =
    [
        "9007199254740992", "9007199254740993", "-9007199254740993", "123456789012345678901234567890", "1e3", "1E-7", "1.5e+2", "1e300", "1e400", "1234567890123456.5",
        "12345678901234567.5", "1e20",
    ];

    private static readonly string[] Texts =
    [
        "", "abc", "ABC", "high", "x y", " trim me\\t\\n", "é", "\\u00e9", "😀", "\\ud83d\\ude00", "\\ud83d", "a\\/b", "\\\"q\\\"", "ß", "İ", "\\u0000", "0", "9", "abcabc",
        "\\\\", "\u007f", "ΟΔΟΣ", "\u00a0x\u2003",
    ];

    private static readonly string[] Literals =
    [
        "0", "-0", "1", "2", "1.5", "1e21", "1e-7", "9007199254740993", "0x10", "''", "'abc'", "'high'", "'é'", "'\\u00e9'", "'b'", "'\\ud83d'", "true", "false", "null",
        "undefined", "'9'", "' '",
    ];

    private static readonly string[] Beyond =
    [
        "message.list[0]", "Math.max(1, message.n)", "String(message.a)", "[message.a, 1]", "message['a']", "message.a.map", "meta", "meta.nothing",
        "Object.keys(message).join()", "(() => { message.b = 1; return message })()", "message.list?.length", "message.s.slice(1)", "('a' in message)",
        "(() => { if (message.obj) message.obj.z = 1; return message })()", "NaN", "Infinity", "message.toString", "message.a?.toString()", "({ get a() { return 1 } })",
        "({ ['a']: 1 })", "({ __proto__: { a: 1 } })", "({ 1: 1, a: 2 })", "message.list.includes('abc')", "JSON.stringify(message)", "(message.a ** 2)",
    ];

    /// <summary>A body; now and then broken.</summary>
    public string Body()
    {
        var body = _random.Next(12) == 0 ? Json(1) : JsonObject(0);
        return _random.Next(25) switch
        {
            0 => body[..^1],
            1 => body + " x",
            2 => $"\n {body} ",
            _ => body,
        };
    }

    /// <summary>An expression that is right, whether it succeeds or not.</summary>
    public string Expression() => _random.Next(4) == 0 ? Made(0) : Value(0);

    private string Value(int depth)
    {
        var choice = _random.Next(depth >= DepthMax ? 9 : 26);
        return choice switch
        {
            < 4 => Member(),
            4 => Pick(Literals),
            5 => Pick(["meta.id", "meta.key", "meta.time", "meta.attempt", "meta.headers.h", "meta.headers['x-y']", "meta.headers.none", "meta?.id"]),
            6 => _random.Next(3) == 0 ? Pick(Beyond) : Member(),
            7 => "message",
            8 => Pick(Literals),
            9 or 10 => $"({Value(depth + 1)} {Pick(["===", "!==", "==", "!="])} {Value(depth + 1)})",
            11 or 12 => $"({Value(depth + 1)} {Pick(["<", "<=", ">", ">="])} {Value(depth + 1)})",
            13 or 14 => $"({Value(depth + 1)} {Pick(["+", "+", "-", "*", "/", "%"])} {Value(depth + 1)})",
            15 => $"({Value(depth + 1)} {Pick(["&&", "||"])} {Value(depth + 1)})",
            16 => $"({Value(depth + 1)} ?? {Value(depth + 1)})",
            17 => $"({Value(depth + 1)} ? {Value(depth + 1)} : {Value(depth + 1)})",
            18 => $"{Pick(["!", "- ", "+ ", "typeof "])}{Value(depth + 1)}",
            19 => $"`x${{{Value(depth + 1)}}}é${{{Value(depth + 1)}}}`",
            20 or 21 => $"({Value(depth + 1)}){Pick([".", "?."])}{Pick(["includes", "startsWith", "endsWith"])}({Value(depth + 1)})",
            22 => $"({Value(depth + 1)}){Pick([".", "?."])}{Pick(["trim", "toLowerCase", "toUpperCase"])}()",
            23 => $"({Value(depth + 1)}){Pick([".", "?."])}{Pick(["a", "length", "obj?.a", "b.c"])}",
            _ => Made(depth + 1),
        };
    }

    private string Member()
    {
        var path = "message";
        for (var i = 0; i < 1 + _random.Next(2); i++)
        {
            path += Pick(["", "", "?"]) + _random.Next(12) switch
            {
                0 when path.EndsWith('?') => ".['a-b']",
                0 => "['a-b']",
                _ => "." + Pick(["a", "b", "c", "n", "s", "list", "obj", "length", "é"]),
            };
            path = path.Replace("?[", "?.[", StringComparison.Ordinal);
        }

        return path;
    }

    private string Made(int depth)
    {
        var entries = Enumerable.Range(0, _random.Next(4)).Select(_ => _random.Next(4) switch
        {
            0 => "...message",
            1 => $"...{Value(depth + 1)}",
            2 => "message",
            _ => $"{Pick(["a", "b", "'c d'", "obj", "é", "\"q\\\"\"", "toString"])}: {Value(depth + 1)}",
        });
        return $"({{ {string.Join(", ", entries)} }})";
    }

    private string Json(int depth) => _random.Next(depth >= DepthMax ? 7 : 10) switch
    {
        0 or 1 => _random.Next(10) == 0 ? Pick(OddNumbers) : Pick(Numbers),
        2 or 3 => $"\"{Pick(Texts)}\"",
        4 => Pick(["true", "false"]),
        5 => "null",
        6 => _random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture),
        7 => JsonArray(depth),
        _ => JsonObject(depth),
    };

    private string JsonObject(int depth)
    {
        var names = Enumerable.Range(0, _random.Next(6)).Select(_ => _random.Next(30) == 0 ? Pick(OddNames) : Pick(Names));
        // Mostly each name once, as in the world; now and then repeated.
        var members = (_random.Next(10) == 0 ? names : names.Distinct()).Select(name => $"\"{name}\"{Space()}:{Space()}{Json(depth + 1)}");
        return $"{{{Space()}{string.Join(Space() + "," + Space(), members)}{Space()}}}";
    }

    private string JsonArray(int depth) =>
        $"[{Space()}{string.Join(Space() + "," + Space(), Enumerable.Range(0, _random.Next(4)).Select(_ => Json(depth + 1)))}{Space()}]";

    private string Space() => _random.Next(6) == 0 ? Pick([" ", "\n", "\t ", "\r\n"]) : "";

    private string Pick(string[] from) => from[_random.Next(from.Length)];
}
