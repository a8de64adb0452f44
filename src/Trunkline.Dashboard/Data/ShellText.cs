namespace Trunkline.Dashboard.Data;

/// <summary>Commands that can be copied into a shell as they are shown, whatever the names in them hold.</summary>
internal static class ShellText
{
    public static string Quote(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '/' or '@' or '+')
        ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
