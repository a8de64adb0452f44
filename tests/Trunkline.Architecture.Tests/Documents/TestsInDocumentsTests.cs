using System.Globalization;
using System.Text.RegularExpressions;

namespace Trunkline.Architecture.Tests.Documents;

/// <summary>The pages that say which test proves what name tests that exist.</summary>
public sealed partial class TestsInDocumentsTests
{
    private const int CrashCases = 42;
    private static readonly string[] Pages = ["docs/reference/crash-cases.md", "docs/reference/conformance.md"];

    [Fact]
    public void Every_test_a_page_names_exists()
    {
        var tests = Repository.SourceFiles("tests").SelectMany(path =>
        {
            var text = File.ReadAllText(path);
            return TestMethod().Matches(text).Select(method => $"{Path.GetFileNameWithoutExtension(path)}.{method.Groups[1].Value}");
        }).ToHashSet();
        var findings = new Findings();
        var named = Pages.SelectMany(page => NamedTest().Matches(File.ReadAllText(Repository.In(page))).Select(test => (page, Name: test.Groups[1].Value))).ToList();
        Assert.NotEmpty(named);
        foreach (var (page, name) in named.Where(test => !tests.Contains(test.Name)))
        {
            findings.Add(page, $"there is no test {name}");
        }

        findings.AssertNone();
    }

    [Fact]
    public void Every_crash_case_has_one_row_with_its_tests_or_a_reason()
    {
        var rows = CaseRow().Matches(File.ReadAllText(Repository.In(Pages[0])));
        Assert.Equal(Enumerable.Range(1, CrashCases), rows.Select(row => int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture)));
        Assert.All(rows, row => Assert.True(NamedTest().IsMatch(row.Value) || row.Groups[2].Value.StartsWith("There is ", StringComparison.Ordinal), row.Value));
    }

    [GeneratedRegex(@"\[(?:Fact|Theory)[^\n]*\](?:\s*\[[^\n]*\])*\s*public (?:async )?(?:Task|void) (\w+)\(")]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"`(\w+Tests\.\w+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex CaseRow();
}
