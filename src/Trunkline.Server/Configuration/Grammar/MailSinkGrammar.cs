using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Mail.Smtp;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>Sinks that send mails, and that tell what became of them.</summary>
internal static class MailSinkGrammar
{
    public static readonly GrammarKey<int> Port = new("port", Scalars.WholeNumber(1, 65535), "Its port.") { Default = "465 with `tls: on`, 587 with `starttls`, else 25" };

    private static readonly ScalarType<string> Address = Scalars.Checked(
        "address, or a name and an address in angle brackets", FaultCodes.BadValue, text => OutgoingMail.IsAddress(text) ? null : "an address, such as desk@example.com or Desk <desk@example.com>");

    public static readonly GrammarKey<string> From = new("from", Address, "The author.") { Required = true };

    public static readonly GrammarKey<string> To = new(
        "to", Scalars.Expression, "Who gets it: an address, an object with `address` and `name`, or a list of these, such as `message.from`.")
    { Required = true };

    public static readonly GrammarKey<string> Cc = new("cc", Scalars.Expression, "Who also gets it.") { Default = "nobody" };
    public static readonly GrammarKey<string> IsExpression = new("is", Scalars.Expression, "An expression that gives it.");
    public static readonly GrammarKey<string> Template = new("template", Values.Template, "A [Liquid](https://shopify.github.io/liquid/) template over `message` and `meta`.");

    public static readonly ObjectType PartType = new(
        "mail text",
        "A text of a mail, by an expression or a template. In HTML a template escapes what the message says; the template's own text is not escaped. "
        + "Files and ranges are not taken, and at most 20,000 steps and 262,144 characters.",
        IsExpression,
        Template)
    { Shorthand = IsExpression, OneOf = [IsExpression, Template] };

    public static readonly GrammarKey<ObjectValues> Subject = new("subject", PartType, "One line.") { Required = true };
    public static readonly GrammarKey<ObjectValues> Text = new("text", PartType, "Its plain text. One of text and html is needed, both are fine.");
    public static readonly GrammarKey<ObjectValues> Html = new("html", PartType, "Its HTML.");

    public static readonly GrammarKey<string> Thread = new(
        "thread",
        Scalars.Expression,
        "The mail it answers, as `parse: mail` gives it: its `id` and `references` become In-Reply-To and References. `null` begins a thread.")
    { Default = "`message`" };

    public static readonly GrammarKey<string> ReplyTo = new("replyTo", Address, "Where answers go.") { Default = "the author" };
    public static readonly GrammarKey<string> Bounces = new("bounces", Address, "Where notices of the delivery go: the envelope's sender.") { Default = "the author" };

    public static readonly GrammarKey<MailNotices> Notify = new(
        "notify",
        new ChoiceType<MailNotices>(("failure", MailNotices.Failure), ("success", MailNotices.FailureAndSuccess), ("never", MailNotices.Never)),
        "Which notices are asked for where the server offers it: of `failure`, also of `success`, or `never`.")
    { Default = "`failure`" };

    /// <summary>A sink of mails.</summary>
    /// <param name="breaker">The key all sinks outside have; given, so that neither grammar needs the other to begin.</param>
    public static ObjectType SmtpType(GrammarKey breaker) => new(
        "smtp",
        "Sends a mail for each message, at least once; its Message-ID is the same at every try.",
        MailGrammar.Host,
        Port,
        MailGrammar.Tls,
        MailGrammar.TrustedRoots,
        MailGrammar.User,
        MailGrammar.Password,
        From,
        To,
        Cc,
        Subject,
        Text,
        Html,
        Thread,
        ReplyTo,
        Bounces,
        Notify,
        MailGrammar.Timeout,
        breaker);

    public static readonly GrammarKey<string> Fact = new("fact", Scalars.Expression, "What is told: delivered, bounced, read, rated, converted or label; `null` tells nothing.")
    { Default = "`message.report?.fact`" };

    public static readonly GrammarKey<string> Receipt = new("receipt", Scalars.Expression, "Of which message: the receipt a sink gave it; `null` tells nothing.")
    { Default = "`message.report?.receipt`" };

    public static readonly GrammarKey<string> Label = new("label", Scalars.Expression, "A word about it.") { Default = "`message.report?.status`" };
    public static readonly GrammarKey<string> Value = new("value", Scalars.Expression, "A number about it, such as a rating.") { Default = "none" };

    public static readonly ObjectType OutcomeType = new(
        "outcome",
        "Tells what was learned of an earlier message, such as a bounce; see outcomes. Without keys it tells what `parse: mail` read of a delivery notice.",
        Fact,
        Receipt,
        Label,
        Value);
}
