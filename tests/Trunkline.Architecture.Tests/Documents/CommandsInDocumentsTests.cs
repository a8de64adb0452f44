using System.Text.RegularExpressions;
using Trunkline.Cli;

namespace Trunkline.Architecture.Tests.Documents;

/// <summary>Commands shown in documents exist, with the options shown; links lead somewhere.</summary>
public sealed partial class CommandsInDocumentsTests
{
    private static IEnumerable<string> Pages =>
        Repository.Files("*.md", "docs", "samples").Concat(Directory.EnumerateFiles(Repository.Root, "*.md")).Select(Repository.Relative);

    [Fact]
    public void Every_command_of_the_script_exists()
    {
        var script = File.ReadAllText(Repository.In("dev"));
        var findings = new Findings();
        foreach (var (page, command) in Pages.SelectMany(page => DevCommand().Matches(Read(page)).Select(match => (page, match.Groups[1].Value))))
        {
            if (!Regex.IsMatch(script, $@"^\s+(\w+ \| )*{command}( \| \w+)*\)$", RegexOptions.Multiline))
            {
                findings.Add(page, $"./dev has no command '{command}'");
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void Every_command_of_the_program_exists_and_takes_the_options_shown()
    {
        var root = CommandLine.Build();
        var findings = new Findings();
        foreach (var (page, line) in Pages.Where(page => !page.StartsWith("docs/adr", StringComparison.Ordinal))
            .SelectMany(page => ProgramCommand().Matches(Read(page)).Select(match => (page, match))))
        {
            var command = root.Subcommands.SingleOrDefault(command => command.Name == line.Groups[1].Value);
            if (command is null)
            {
                findings.Add(page, $"trunkline has no command '{line.Groups[1].Value}'");
                continue;
            }

            foreach (var word in line.Groups[2].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                // The command may have commands of its own: the options shown are those of the last.
                if (command.Subcommands.SingleOrDefault(below => below.Name == word) is not { } below)
                {
                    break;
                }

                command = below;
            }

            var known = command.Options.SelectMany(option => option.Aliases.Append(option.Name)).ToHashSet();
            foreach (var option in OptionName().Matches(Quoted().Replace(line.Groups[2].Value, "")).Select(match => match.Groups[1].Value).Where(option => !known.Contains(option)))
            {
                findings.Add(page, $"trunkline {command.Name} has no option {option}");
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void Every_link_between_documents_leads_somewhere()
    {
        var findings = new Findings();
        foreach (var (page, target) in Pages.SelectMany(page => Link().Matches(Read(page)).Select(match => (page, match.Groups[1].Value))))
        {
            if (!target.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, target)))
            {
                findings.Add(page, $"links to {target}, which is not there");
            }
        }

        findings.AssertNone();
    }

    private static string Read(string page) => File.ReadAllText(Repository.In(page));

    [GeneratedRegex(@"\./dev ([a-z]+)")]
    private static partial Regex DevCommand();

    // Only in code: at the start of a line of a block, or inside backticks.
    [GeneratedRegex(@"(?:^|`)trunkline ([a-z]+(?:-[a-z]+)*)([^`\n#]*)", RegexOptions.Multiline)]
    private static partial Regex ProgramCommand();

    [GeneratedRegex(@"(?<=\s)(--?[a-z][a-z-]*)")]
    private static partial Regex OptionName();

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\]\(([^)#\s]+)[^)]*\)")]
    private static partial Regex Link();
}
