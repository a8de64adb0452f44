using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>The values of a sink's expressions over one message. For one message at a time; not thread-safe.</summary>
internal sealed class SinkValues : IDisposable
{
    private readonly MessageBody _body = new(new ExpressionLimits());

    /// <summary>Begins a message.</summary>
    public void Begin(SinkMessage message, DateTimeOffset now) =>
        _body.Begin(new StoredMessage(message.Message, new Position(0, 0), message.Message.Time ?? now), message.Attempt);

    /// <summary>The value as JSON; null for null and undefined.</summary>
    /// <exception cref="ExpressionException">The expression failed; the engine is made anew for the next.</exception>
    public JsonElement? Of(PreparedExpression? expression)
    {
        if (expression is null)
        {
            return null;
        }

        try
        {
            return _body.WriteUnlessNull(expression) is { } json ? JsonElement.Parse(json) : null;
        }
        catch (ExpressionException failed) when (failed.Code == ExpressionException.Limit)
        {
            _body.DropEngine();
            throw;
        }
    }

    /// <summary>The value as a text; numbers and booleans as they are written.</summary>
    /// <exception cref="FormatException">It is an object or a list.</exception>
    public string? TextOf(PreparedExpression? expression, string field) => Of(expression) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } plain => plain.GetRawText(),
        _ => throw new FormatException($"{field} is not a text"),
    };

    public void Dispose() => _body.Dispose();
}
