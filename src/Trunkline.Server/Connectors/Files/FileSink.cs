using System.Text;
using Fluid;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Templates;

namespace Trunkline.Server.Connectors.Files;

/// <summary>Writes messages to a file, a line each, or to a folder, a file each. A message sent again is recognised. Thread-safe.</summary>
internal sealed class FileSink : ISinkConnector
{
    private readonly string _flow;
    private readonly FileSinkConfig _sink;
    private readonly FileQueue _queue;
    private readonly TextTemplate? _text;
    private readonly TextTemplate? _name;

    public FileSink(string flow, FileSinkConfig sink, FileQueue queue)
    {
        (_flow, _sink, _queue) = (flow, sink, queue);
        _text = sink.Text is { } text ? new TextTemplate(text) : null;
        _name = sink.IsFolder ? new TextTemplate(sink.FileName) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        try
        {
            var name = _name is null ? "" : FileNames.Of(await _name.RenderAsync(message.Message, ChannelEscapes.FileName))
                ?? throw new TemplateException("the template made no name of the message, or one with an empty part");
            if (await ContentAsync(message.Message) is not { } content)
            {
                return new SinkAnswer.Refused("the body is neither JSON nor text, and so no line") { Code = "sink.body-invalid" };
            }

            // Two sinks may write the same message to one file.
            var id = SentEntry.IdOf($"{_flow}/{_sink.Name}/{message.Id}");
            return await _queue.WriteAsync(new FileItem(_sink, id, content, name), cancellationToken);
        }
        catch (TemplateException failed)
        {
            return new SinkAnswer.Refused(failed.Message) { Code = "sink.template-failed" };
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ContentAsync(Message message)
    {
        if (_text is null && _sink.IsFolder)
        {
            return message.Payload;
        }

        if (_text is null)
        {
            return JsonLine.Of(message.Payload.Span) is { } line ? new ReadOnlyMemory<byte>([.. line, (byte)'\n']) : (ReadOnlyMemory<byte>?)null;
        }

        var text = await _text.RenderAsync(message, _sink.IsFolder ? NullEncoder.Default : ChannelEscapes.Line);
        return Encoding.UTF8.GetBytes(_sink.IsFolder || text.EndsWith('\n') ? text : text + "\n");
    }
}
