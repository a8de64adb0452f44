using System.Text.Encodings.Web;
using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;
using Trunkline.Server.Templates;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>A text of the mails of a sink: an expression's value, or what a template makes. Immutable, thread-safe.</summary>
/// <param name="field">Named in faults.</param>
/// <param name="config">How it is made.</param>
/// <param name="escapes">How a template escapes what messages say.</param>
internal sealed class MailText(string field, MailTextConfig config, TextEncoder escapes)
{
    private readonly TextTemplate? _template = config.IsTemplate ? new TextTemplate(config.Text) : null;
    private readonly PreparedExpression? _expression = config.IsTemplate ? null : ExpressionSyntax.Prepare(config.Text);

    /// <summary>The text for a message; null if the expression gives none.</summary>
    /// <exception cref="ExpressionException">The expression failed.</exception>
    /// <exception cref="TemplateException">The template cannot be filled.</exception>
    /// <exception cref="FormatException">The expression gives no text.</exception>
    public async ValueTask<string?> OfAsync(SinkMessage message, SinkValues values) =>
        _template is null ? values.TextOf(_expression, field) : await _template.RenderAsync(message.Message, escapes);
}
