using System.Globalization;

namespace Trunkline.Messaging;

/// <summary>Where in a flow's source a message was made from.</summary>
public static class SourcePlace
{
    /// <summary>The end of its header <c>topic/partition/offset</c>, or its own place without one: of a message of an outbox the place of the message it was made from.</summary>
    /// <param name="message">The message.</param>
    /// <param name="own">Where it stands itself.</param>
    public static Position Of(Message message, Position own)
    {
        ArgumentNullException.ThrowIfNull(message);
        var text = (message.Headers.Text(HeaderNames.Position) ?? "").AsSpan();
        var last = text.LastIndexOf('/');
        var first = last > 0 ? text[..last].LastIndexOf('/') : -1;
        return first >= 0
            && int.TryParse(text[(first + 1)..last], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            && long.TryParse(text[(last + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                ? new Position(partition, offset)
                : own;
    }
}
