using System.Text;

namespace Trunkline.Core.Config;

/// <summary>
/// Puts variables into values: <c>${VAR}</c>, <c>${VAR:-default}</c> (used when the variable is unset or empty),
/// <c>${file:/path}</c> (without one trailing line end), <c>$$</c> for a dollar. A lone <c>$</c> stays. What comes out is
/// not looked at again.
/// </summary>
/// <param name="environment">Value of a variable, or null.</param>
/// <param name="readFile">Text of a file, or null if it cannot be read.</param>
public sealed class Interpolation(Func<string, string?> environment, Func<string, string?> readFile)
{
    private const int LengthMax = 1024 * 1024;

    /// <summary>The value with variables put in, or null after reporting why not.</summary>
    public string? Expand(ScalarNode node, FaultList faults)
    {
        var text = node.Text;
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        var good = true;
        for (var at = 0; at < text.Length; at++)
        {
            var next = at + 1 < text.Length ? text[at + 1] : '\0';
            if (text[at] == '$' && next == '$')
            {
                result.Append('$');
                at++;
            }
            else if (text[at] == '$' && next == '{')
            {
                var end = text.IndexOf('}', at);
                var inner = end < 0 ? text[(at + 2)..] : text[(at + 2)..end];
                var value = end < 0 ? Invalid(node, inner, faults) : Value(node, inner, faults);
                good &= value is not null;
                result.Append(value);
                at = end < 0 ? text.Length : end;
            }
            else
            {
                result.Append(text[at]);
            }

            if (result.Length > LengthMax)
            {
                faults.Add(node.Where, FaultCodes.TooLarge, "The value is longer than 1 Mi characters once variables are put in.", "Use shorter values.");
                return null;
            }
        }

        return good ? result.ToString() : null;
    }

    private string? Value(ScalarNode node, string inner, FaultList faults)
    {
        if (inner.StartsWith("file:", StringComparison.Ordinal))
        {
            return FileValue(node, inner["file:".Length..], faults);
        }

        var at = inner.IndexOf(":-", StringComparison.Ordinal);
        var name = at < 0 ? inner : inner[..at];
        if (!IsVariableName(name))
        {
            return Invalid(node, inner, faults);
        }

        var value = environment(name);
        if (value is not null && (value.Length > 0 || at < 0))
        {
            return value;
        }

        if (at >= 0)
        {
            return inner[(at + 2)..];
        }

        faults.Add(
            node.Where,
            FaultCodes.VariableUnset,
            $"The variable '{name}' is not set.",
            $"Set it, or write ${{{name}:-default}}; $${{ stands for a literal ${{.");
        return null;
    }

    private string? FileValue(ScalarNode node, string path, FaultList faults)
    {
        var text = path.Length == 0 ? null : readFile(path);
        if (text is null)
        {
            faults.Add(
                node.Where,
                FaultCodes.VariableInvalid,
                $"The file '{Printable.Show(path)}' cannot be read.",
                "Create it, allow this user to read it, and keep it below 64 KiB of UTF-8.");
            return null;
        }

        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }

    private static string? Invalid(ScalarNode node, string inner, FaultList faults)
    {
        faults.Add(
            node.Where,
            FaultCodes.VariableInvalid,
            $"'${{{Printable.Show(inner, 40)}' is not a variable.",
            "Write ${NAME}, ${NAME:-default} or ${file:/path}; $${ stands for a literal ${.");
        return null;
    }

    private static bool IsVariableName(string name) =>
        name.Length is > 0 and <= 128 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
