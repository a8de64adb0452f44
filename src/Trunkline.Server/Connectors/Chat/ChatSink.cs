using System.Net.Http.Headers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Webhooks;
using Trunkline.Server.Templates;

namespace Trunkline.Server.Connectors.Chat;

/// <summary>
/// Posts a text made of the message to an incoming webhook of a chat: as Slack takes it, or as an Adaptive Card. Such webhooks know no ids: after
/// a crash a text may come twice. Thread-safe.
/// </summary>
internal sealed class ChatSink : ISinkConnector
{
    private readonly Uri _url;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly ChatForm _form;
    private readonly TextTemplate _text;
    private readonly TextTemplate? _title;

    public ChatSink(ChatSinkConfig sink, HttpClient http, TimeProvider time)
    {
        (_url, _http, _time) = (new Uri(sink.Url.Value), http, time);
        _form = ChatForm.Of(sink.Chat);
        _text = new TextTemplate(sink.Text);
        _title = sink.Title is { } title ? new TextTemplate(title) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        string text, title;
        try
        {
            text = await _text.RenderAsync(message.Message, _form.Escapes);
            title = _title is null ? "" : await _title.RenderAsync(message.Message, _form.Escapes);
        }
        catch (TemplateException failed)
        {
            return new SinkAnswer.Refused(failed.Message) { Code = "sink.template-failed" };
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            return new SinkAnswer.Refused("the template made no text of the message") { Code = "sink.template-failed" };
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(_form.Write(text, title)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await WebhookAnswer.OfAsync(_http, request, _time, cancellationToken);
    }
}
