using System.Reflection;
using System.Text.RegularExpressions;
using Trunkline.Core.Errors;

namespace Trunkline.Core.Tests.Errors;

public sealed partial class ErrorCatalogTests
{
    [Fact]
    public void Every_code_is_unique_and_well_formed()
    {
        Assert.All(ErrorCatalog.All, e =>
        {
            Assert.Matches(CodeShape(), e.Code);
            Assert.InRange(e.Status, 400, 599);
            Assert.NotEqual("", e.Text.Trim());
            Assert.EndsWith(".", e.Remedy, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_constant_is_in_the_catalogue()
    {
        var constants = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!).ToArray();
        Assert.NotEmpty(constants);
        Assert.Equal(constants.Length, constants.Distinct().Count());
        Assert.All(constants, code => Assert.NotNull(ErrorCatalog.Find(code)));
    }

    /// <summary>Codes also occur as literals (faults of project files, causes of dead letters): each must be in the catalogue.</summary>
    [Fact]
    public void Every_code_written_in_the_sources_is_in_the_catalogue()
    {
        var areas = string.Join('|', ErrorCatalog.All.Select(e => e.Code.Split('.')[0]).Union(["config", "step", "sink", "broker", "model", "flow", "source"]));
        var literal = new Regex($"\"(?:{areas})\\.[a-z0-9]+(?:-[a-z0-9]+)*\"", RegexOptions.None, TimeSpan.FromSeconds(10));
        var unknown = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories))
        {
            foreach (var code in literal.Matches(File.ReadAllText(file)).Select(m => m.Value.Trim('"')).Where(c => ErrorCatalog.Find(c) is null && !NotCodes.Contains(c)))
            {
                unknown.Add($"{Path.GetRelativePath(Repository.Root, file)}: {code}");
            }
        }

        Assert.Empty(unknown);
    }

    [Fact]
    public void The_reference_page_is_up_to_date()
    {
        var path = Path.Combine(Repository.Root, "docs", "reference", "errors.md");
        if (Environment.GetEnvironmentVariable("TRUNKLINE_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, ErrorReference.Render());
        }

        Assert.Equal(ErrorReference.Render(), File.ReadAllText(path));
    }

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex CodeShape();

    // Literals of the same shape that are something else: names of files, groups, metrics.
    private static readonly HashSet<string> NotCodes = ["message.text"];
}
