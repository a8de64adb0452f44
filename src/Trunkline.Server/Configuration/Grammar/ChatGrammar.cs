using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The sinks <c>slack</c> and <c>teams</c>.</summary>
internal static class ChatGrammar
{
    public static readonly GrammarKey<Uri> Url = new("url", Values.SecretUrl, "The incoming webhook's address; who knows it may post, so it is never shown.") { Required = true };

    public static readonly GrammarKey<string> Template = new("template", Values.Template, "The template.") { Required = true };

    public static readonly ObjectType TextType = new(
        "text",
        "A text made of the message by a [Liquid](https://shopify.github.io/liquid/) template, which sees `message` and `meta`. What a message says is escaped for the channel; "
        + "the template's own text is not. Files and ranges are not taken, and at most 20,000 steps and 262,144 characters.",
        Template)
    { Shorthand = Template };

    public static readonly GrammarKey<ObjectValues> Text = new("text", TextType, "What is posted.") { Default = "`{{ message.text }}`" };
    public static readonly GrammarKey<ObjectValues> Title = new("title", TextType, "A title above it.") { Default = "none" };

    public static readonly ObjectType SlackType = new(
        "slack", "Posts to an incoming webhook of Slack, or of a chat that takes the same.", Url, Text, Title, SinkGrammar.Timeout, SinkGrammar.Breaker);

    public static readonly ObjectType TeamsType = new(
        "teams", "Posts an Adaptive Card to an incoming webhook or workflow of Microsoft Teams.", Url, Text, Title, SinkGrammar.Timeout, SinkGrammar.Breaker);

    public static readonly GrammarKey<ObjectValues> Slack = new("slack", SlackType, "A Slack channel.");
    public static readonly GrammarKey<ObjectValues> Teams = new("teams", TeamsType, "A Microsoft Teams channel.");
}
