using System.Text.Json;
using Trunkline.Server.Flows.Code;

namespace Trunkline.Samples.CSharpFlow;

/// <summary>Two models read each mail; what is spam, urgent or neither goes to its own topic.</summary>
internal sealed class Triage : Flow<Mail>
{
    private const double SpamFrom = 0.9;
    private const double UrgentBelow = -0.5;

    /// <inheritdoc/>
    public override void Configure(FlowBuilder flow) => flow
        .Named("triage")
        .FromTopic("mail.received")
        .Using("spam").Using("sentiment")
        .ToTopic("mail.spam").ToTopic("mail.urgent").ToTopic("mail.inbox")
        .Json(new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = MailJson.Default })
        .OwnedBy("support-ai");

    /// <inheritdoc/>
    public override async ValueTask HandleAsync(FlowMessage<Mail> message, FlowOutput output, CancellationToken cancellationToken)
    {
        var spam = await message.InferAsync<Spam>("spam", message.Body.Text, cancellationToken);
        var sentiment = await message.InferAsync<Sentiment>("sentiment", message.Body.Text, cancellationToken);
        var read = message.Body with { Spam = spam, Sentiment = sentiment, SeenAt = message.Time };
        output.Send(spam.Probability > SpamFrom ? "mail.spam" : sentiment.Compound < UrgentBelow ? "mail.urgent" : "mail.inbox", read);
    }
}
