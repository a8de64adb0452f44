using System.Text.Json;
using Trunkline.Server.Flows.Code;

namespace Trunkline.Samples.CSharpFlow;

/// <summary>
/// Takes the mails of a folder to the topic the other flow reads. Source and sinks are named in the words of the project file, so every
/// connector there is can be used: change the text to read a mailbox, or to be told in a chat.
/// </summary>
internal sealed class Intake : Flow<Mail>
{
    /// <inheritdoc/>
    public override void Configure(FlowBuilder flow) => flow
        .Named("intake")
        .From("{ maildir: mails }")
        .ParseMail()
        .To("received", "{ topic: mail.received }")
        .Json(new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = MailJson.Default })
        .OwnedBy("support-ai");

    /// <inheritdoc/>
    public override ValueTask HandleAsync(FlowMessage<Mail> message, FlowOutput output, CancellationToken cancellationToken)
    {
        output.Send("received", message.Body);
        return ValueTask.CompletedTask;
    }
}
