namespace Trunkline.Architecture.Tests.Documents;

/// <summary>Decisions have a number, a title, and the four parts.</summary>
public sealed class DecisionTests
{
    private static readonly string[] Files = [.. Repository.Files("*.md", "docs/adr").Select(Repository.Relative)];

    [Fact]
    public void Numbers_are_not_used_twice()
    {
        var numbers = Files.Select(file => Path.GetFileName(file)[..4]).ToArray();
        Assert.All(numbers, number => Assert.Matches("^[0-9]{4}$", number));
        Assert.Equal(numbers.Distinct(), numbers);
    }

    [Fact]
    public void Each_says_context_decision_consequences_and_status()
    {
        var findings = new Findings();
        foreach (var file in Files)
        {
            var text = File.ReadAllText(Repository.In(file));
            foreach (var part in new[] { "Context", "Decision", "Consequences", "Status" }.Where(part => !text.Contains(part, StringComparison.Ordinal)))
            {
                findings.Add(file, $"has no {part}");
            }
        }

        findings.AssertNone();
    }
}
