namespace Trunkline.Mail.Tests;

public sealed class HtmlTextTests
{
    [Theory]
    [InlineData("one<br>two<br><br><br><br>three", "one\ntwo\n\nthree")]
    [InlineData("<p>one</p>\n\n<p>two</p>", "one\ntwo")]
    [InlineData("<div>a  b\n c</div><ul><li>x<li>y</ul>", "a b c\nx\ny")]
    [InlineData("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc")]
    [InlineData("<pre>a  b\n c</pre>", "a  b\n c")]
    [InlineData("<title>no</title><style>no</style><script>no</script><!-- no -->yes", "yes")]
    [InlineData("<head><meta x></head>yes", "yes")]
    [InlineData("&lt;b&gt; &amp; &euro; &unknown;", "<b> & € &unknown;")]
    [InlineData("fr<b>e</b>e", "free")]
    [InlineData("a<img alt=x>b", "ab")]
    [InlineData("", "")]
    [InlineData("<p", "")]
    [InlineData("<script>never closed", "")]
    public void Html_is_turned_into_what_a_reader_sees(string html, string text) => Assert.Equal(text, HtmlText.Of(html));
}
