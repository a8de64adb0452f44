using System.Text;
using System.Text.Encodings.Web;
using Trunkline.Messaging;
using Trunkline.Server.Templates;

namespace Trunkline.Server.Tests.Templates;

public sealed class TextTemplateTests
{
    [Theory]
    [InlineData("Hello {{ message.name }}!", "Hello Ada!")]
    [InlineData("{% for tag in message.tags %}[{{ tag }}]{% endfor %}", "[a][b]")]
    [InlineData("{{ message.big }} {{ message.price }} {{ message.none }}{{ message.yes }}", "9007199254740993 1.5 true")]
    [InlineData("{{ meta.id }} {{ meta.key }} {{ meta.headers.h }}", "id-1 k v")]
    [InlineData("{% if message.name == \"Ada\" %}yes{% endif %}", "yes")]
    [InlineData("{{ 'now' | date: '%Y' }}", "2026")]
    public async Task Values_of_the_message_are_filled_in(string template, string text) => Assert.Equal(text, await RenderAsync(template, Body, NullEncoder()));

    [Theory]
    [InlineData("a<b>&c", "a&lt;b&gt;&amp;c")]
    [InlineData("<!channel> <https://evil.example|click>", "&lt;!channel&gt; &lt;https://evil.example|click&gt;")]
    public async Task What_a_message_says_can_neither_link_nor_mention_in_slack(string said, string shown) =>
        Assert.Equal($"<b> {shown}", await RenderAsync("<b> {{ message }}", said, ChannelEscapes.Slack));

    [Fact]
    public async Task What_a_message_says_cannot_format_a_card() =>
        Assert.Equal(@"**\[click\]\(https://evil.example\) \*\_** 😀", await RenderAsync("**{{ message }}** 😀", "[click](https://evil.example) *_", ChannelEscapes.Markdown));

    [Theory]
    [InlineData("{{ message.name", "end")]
    [InlineData("{% include 'x' %}", "'include' reads other files")]
    [InlineData("{% render 'x' %}", "'render' reads other files")]
    [InlineData("{% for i in (1..message.n) %}x{% endfor %}", "ranges are not taken")]
    [InlineData("{% nothing %}", "nothing")]
    public void What_cannot_be_used_is_told(string template, string word)
    {
        Assert.Contains(word, TextTemplate.Problem(template), StringComparison.OrdinalIgnoreCase);
        Assert.Throws<ArgumentException>(() => new TextTemplate(template));
    }

    [Theory]
    [InlineData("{% assign x = 'aaaaaaaaaa' %}{% for a in message.l %}{% assign x = x | append: x %}{% endfor %}{{ x }}")]
    [InlineData("{% assign x = 'aaaaaaaaaa' %}{% for a in message.l %}{% capture x %}{{ x }}{{ x }}{% endcapture %}{% endfor %}")]
    [InlineData("{% for a in message.l %}{% for b in message.l %}{% for c in message.l %}{% for d in message.l %}x{% endfor %}{% endfor %}{% endfor %}{% endfor %}")]
    [InlineData("{% for a in message.l %}{{ message.long }}{% endfor %}")]
    public async Task What_grows_without_end_is_stopped(string template)
    {
        var body = $$"""{"l":[{{string.Join(',', Enumerable.Range(0, 60))}}],"long":"{{new string('x', 100_000)}}"}""";
        var failed = await Assert.ThrowsAsync<TemplateException>(async () => await RenderAsync(template, body, NullEncoder()));
        Assert.DoesNotContain("xxx", failed.Message, StringComparison.Ordinal);
    }

    private const string Body = """{"name":"Ada","tags":["a","b"],"big":9007199254740993,"price":1.50,"none":null,"yes":true}""";

    private static TextEncoder NullEncoder() => Fluid.NullEncoder.Default;

    private static async Task<string> RenderAsync(string template, string body, TextEncoder escapes) => await new TextTemplate(template).RenderAsync(
        new Message
        {
            Id = new MessageId("id-1"),
            Key = MessageKey.FromText("k"),
            Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Headers = Headers.Of(new Header("h", "v")),
            Payload = Encoding.UTF8.GetBytes(body),
        },
        escapes);
}
