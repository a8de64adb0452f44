using System.Text.RegularExpressions;

namespace Trunkline.Architecture.Tests.Documents;

/// <summary>The glossary: one word, one thing.</summary>
public sealed partial class GlossaryTests
{
    /// <summary>Without these nothing else can be explained.</summary>
    private static readonly string[] Needed =
        ["Message", "Key", "Topic", "Position", "Group", "Broker", "Flow", "Step", "Connector", "Sink", "Model", "Dead letter", "Effect", "Revision", "Change", "Token"];

    private static readonly string[] Words =
        [.. Entry().Matches(File.ReadAllText(Repository.In("docs/glossary.md"))).Select(match => match.Groups[1].Value)];

    [Fact]
    public void Words_stand_in_order_and_once() => Assert.Equal(Words.Distinct().Order(StringComparer.OrdinalIgnoreCase), Words);

    [Fact]
    public void The_words_everything_rests_on_are_there() => Assert.Subset(Words.ToHashSet(), Needed.ToHashSet());

    [GeneratedRegex(@"^\| \*\*([^*]+)\*\* \|", RegexOptions.Multiline)]
    private static partial Regex Entry();
}
