using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Tests.Terminal;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("plain, für 漢字 🙂", "plain, für 漢字 🙂")]
    [InlineData("\u001b[31mred", "\\u{1b}[31mred")]
    [InlineData("\u001b]0;title\u0007", "\\u{1b}]0;title\\u{7}")]
    [InlineData("\u009b31m", "\\u{9b}31m")]
    [InlineData("a\u202egpj.exe", "a\\u{202e}gpj.exe")]
    [InlineData("two\nlines\ttab\rback", "two\\nlines\\ttab\\rback")]
    [InlineData("a\u2028b\0c\u007f", "a\\u{2028}b\\u{0}c\\u{7f}")]
    [InlineData(null, "")]
    public void Nothing_a_terminal_would_obey_gets_through(string? text, string safe) => Assert.Equal(safe, SafeText.Line(text));

    [Fact]
    public void A_lone_surrogate_becomes_a_replacement_character() => Assert.Equal("a\ufffdb", SafeText.Line("a\ud800b"));

    [Fact]
    public void Long_text_is_cut_at_a_whole_character() => Assert.Equal("🙂🙂…", SafeText.Line("🙂🙂🙂🙂", 4));
}
