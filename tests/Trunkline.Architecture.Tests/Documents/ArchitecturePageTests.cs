using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Trunkline.Architecture.Tests.Tidy;

namespace Trunkline.Architecture.Tests.Documents;

/// <summary>ARCHITECTURE.md names things; all of them exist.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string Page = File.ReadAllText(Repository.In("ARCHITECTURE.md"));

    [Fact]
    public void Every_path_it_names_exists()
    {
        var findings = new Findings();
        foreach (var path in Code().Where(code => code.Contains('/', StringComparison.Ordinal) && !code.Contains(' ', StringComparison.Ordinal)))
        {
            if (!Path.Exists(Repository.In(path)))
            {
                findings.Add("ARCHITECTURE.md", $"there is no {path}");
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void Every_type_it_names_exists()
    {
        var types = SourceFile.All.SelectMany(file => file.Nodes<BaseTypeDeclarationSyntax>()).Select(type => type.Identifier.Text).Append("TimeProvider").ToHashSet();
        var named = Code().Where(code => TypeName().IsMatch(code)).Distinct().ToArray();
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, types));
    }

    [Fact]
    public void Its_list_of_projects_is_the_solutions()
    {
        var listed = ProjectRow().Matches(Page).Select(row => row.Groups[1].Value).Order(StringComparer.Ordinal);
        var projects = Repository.SolutionProjects.Select(path => Path.GetDirectoryName(path)!).Order(StringComparer.Ordinal);
        Assert.Equal(projects, listed);
    }

    [Fact]
    public void Every_project_on_disk_is_in_the_solution() => Assert.Equal(
        Repository.Files("*.csproj", "src", "tests", "bench", "samples").Select(Repository.Relative).Order(StringComparer.Ordinal),
        Repository.SolutionProjects.Order(StringComparer.Ordinal));

    [Fact]
    public void It_fits_on_a_page() => Assert.InRange(Page.Split('\n').Length, 1, 120);

    private static IEnumerable<string> Code() => InlineCode().Matches(Page).Select(match => match.Groups[1].Value);

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex InlineCode();

    [GeneratedRegex("^[A-Z][a-z]+[A-Za-z]*[A-Z][A-Za-z]*$")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"^\| `((?:src|tests|bench)/Trunkline\.[^`/]+|samples/[^`/]+)` \|", RegexOptions.Multiline)]
    private static partial Regex ProjectRow();
}
