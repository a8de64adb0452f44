namespace Trunkline.Architecture.Tests;

/// <summary>What a rule found. All of it is shown at once, so that one run is enough to mend it.</summary>
internal sealed class Findings
{
    private readonly List<string> _lines = [];

    public void Add(string where, string what) => _lines.Add($"{where}: {what}");

    public void AssertNone() => Assert.True(_lines.Count == 0, Environment.NewLine + string.Join(Environment.NewLine, _lines));
}
