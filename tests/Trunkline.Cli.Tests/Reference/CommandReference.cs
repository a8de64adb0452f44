using System.CommandLine;
using System.Globalization;
using System.Text;

namespace Trunkline.Cli.Tests.Reference;

/// <summary>Makes <c>docs/reference/cli.md</c> from the command tree.</summary>
internal static class CommandReference
{
    public static string Render(RootCommand root)
    {
        var page = new StringBuilder();
        page.Append("# Commands\n\n");
        page.Append("<!-- Made from the command tree in src/Trunkline.Cli; change it there, then run the test with TRUNKLINE_WRITE_DOCS=1. -->\n\n");
        page.Append("With `--json` standard output carries one JSON document (`tail`: one a line) and nothing else; progress, hints and errors go to standard error.\n");
        page.Append("A failure is then `{\"error\":{\"code\",\"message\",\"remedy\"}}`.\n\n");
        page.Append("| exit code | meaning |\n|---|---|\n| 0 | done |\n| 1 | a check found something |\n| 2 | usage or configuration |\n| 3 | node unreachable |\n");
        page.Append("| 4 | refused or failed |\n| 70 | internal error |\n| 130 | interrupted |\n");
        foreach (var command in root.Subcommands.Where(command => !command.Hidden).OrderBy(command => command.Name, StringComparer.Ordinal))
        {
            Append(page, command, "trunkline");
        }

        return page.ToString();
    }

    private static void Append(StringBuilder page, Command command, string parents)
    {
        var path = $"{parents} {command.Name}";
        var arguments = string.Concat(command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 || argument.HasDefaultValue ? $" [{argument.Name}]" : $" <{argument.Name}>"));
        page.Append(CultureInfo.InvariantCulture, $"\n## {path}\n\n{command.Description}\n\n```\n{path}{arguments}{(command.Options.Count > 0 ? " [options]" : "")}\n```\n");
        var rows = command.Arguments.Select(argument => ($"`{argument.Name}`", argument.Description))
            .Concat(command.Options.Where(option => !option.Hidden && option.Name != "--help").Select(option => (Names(option), option.Description)))
            .ToArray();
        if (rows.Length > 0)
        {
            page.Append("\n| | |\n|---|---|\n");
            foreach (var (name, description) in rows)
            {
                page.Append(CultureInfo.InvariantCulture, $"| {name} | {description?.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
            }
        }

        foreach (var sub in command.Subcommands)
        {
            Append(page, sub, path);
        }
    }

    private static string Names(Option option)
    {
        var names = option.Aliases.Order(StringComparer.Ordinal).Append(option.Name).Select(name => $"`{name}`");
        return string.Join(", ", names) + (option.ValueType == typeof(bool) ? "" : $" {option.HelpName ?? "value"}");
    }
}
