using System.Globalization;
using Acornima;
using Jint;
using Trunkline.Server.Expressions.Compiled;

namespace Trunkline.Server.Expressions;

/// <summary>Checks expressions when a project is read, and prepares them, once, for all engines.</summary>
public static class ExpressionSyntax
{
    private const int LengthMax = 64 * 1024;

    /// <summary>What expressions may name beside <c>message</c>, <c>meta</c> and <c>state</c>; <c>sandbox.js</c> keeps the same.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "message", "meta", "state", "Array", "Boolean", "Date", "Error", "Infinity", "JSON", "Map", "Math", "NaN", "Number", "Object", "RangeError",
        "RegExp", "Set", "String", "TypeError", "decodeURIComponent", "encodeURIComponent", "isFinite", "isNaN", "parseFloat", "parseInt",
        "undefined", "arguments",
    };

    /// <summary>Null if the text is one JavaScript expression a flow can run, else what is wrong, with the column. Thread-safe.</summary>
    public static string? Check(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return TryPrepare(source, out _);
    }

    /// <summary>Whether an expression that <see cref="Check"/> takes reads <c>state</c>. Thread-safe.</summary>
    internal static bool UsesState(string source) => TryPrepare(source, out var prepared) is null && prepared!.UsesState;

    /// <summary>The prepared expression. A source <see cref="Check"/> refuses is a caller's mistake here.</summary>
    internal static PreparedExpression Prepare(string source) =>
        TryPrepare(source, out var prepared) is { } problem ? throw new ArgumentException(problem, nameof(source)) : prepared!;

    private static string? TryPrepare(string source, out PreparedExpression? prepared)
    {
        prepared = null;
        if (source.Length > LengthMax)
        {
            return "the expression is longer than 64 KiB";
        }

        try
        {
            // Parsed alone first: that the text is a single expression is what keeps it inside the function it is put into.
            var parser = new Parser(new ParserOptions { EcmaVersion = EcmaVersion.Latest });
            var expression = parser.ParseExpression(source);
            if (ForbiddenSyntax.Find(expression) is { } forbidden)
            {
                return At(forbidden.Node.Location.Start, forbidden.What);
            }

            var script = Engine.PrepareScript(
                $"'use strict';(function(message,meta,state){{return(\n{source}\n)}})",
                options: new ScriptPreparationOptions { CollectReferencedGlobals = true });
            var names = Engine.PrepareScript(
                $"'use strict';(\n{source}\n)", options: new ScriptPreparationOptions { CollectReferencedGlobals = true }).ReferencedGlobals!;
            foreach (var name in names)
            {
                if (!Known.Contains(name))
                {
                    return $"'{name}' is not known: an expression sees message, meta, state and the safe built-ins of JavaScript";
                }
            }

            prepared = new PreparedExpression(source, script, names.Contains("meta"), names.Contains("state")) { Compiled = ExpressionCompiler.Compile(expression) };
            return null;
        }
        catch (ParseErrorException exception)
        {
            return At(Position.From(exception.LineNumber, exception.Column), exception.Error?.Description ?? "it is not an expression");
        }
        catch (ScriptPreparationException)
        {
            return "it is not a single expression that strict mode allows";
        }
    }

    private static string At(Position place, string what) => place.Line <= 1
        ? string.Create(CultureInfo.InvariantCulture, $"column {place.Column + 1}: {what}")
        : string.Create(CultureInfo.InvariantCulture, $"line {place.Line}, column {place.Column + 1}: {what}");
}
