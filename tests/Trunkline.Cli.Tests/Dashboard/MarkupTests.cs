using Trunkline.Dashboard.Map;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class MarkupTests
{
    [Theory]
    [InlineData("plain · ä \U0001F600", "plain · ä \U0001F600")]
    [InlineData("\"><script>alert('1')</script>&amp;", "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;")]
    [InlineData("<<", "&lt;&lt;")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void What_stands_in_braces_is_text_in_an_attribute_as_between_tags(string? text, string encoded) =>
        Assert.Equal($"<b title=\"{encoded}\">{encoded}</b>", new Markup().Add($"<b title=\"{text}\">{text}</b>").Take());

    [Fact]
    public void Numbers_are_written_as_svg_has_them_in_any_culture_and_each_piece_begins_anew()
    {
        var markup = new Markup();
        Assert.Equal("x=\"12\" y=\"-0.5\" 1234567.9", markup.Add($"x=\"{12}\" y=\"{-0.5}\" {1234567.89}").Take());
        Assert.Equal("", markup.Take());
    }
}
