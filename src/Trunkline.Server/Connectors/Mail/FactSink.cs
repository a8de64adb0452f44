using System.Collections.Concurrent;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>Tells facts about earlier messages, such as bounces. A fact's id is the message's, so that telling it again changes nothing. Thread-safe.</summary>
internal sealed class FactSink(OutcomeSinkConfig sink, LaterFacts facts, TimeProvider time) : ISinkConnector
{
    private const int LabelLengthMax = 256;

    private readonly PreparedExpression _fact = ExpressionSyntax.Prepare(sink.Fact);
    private readonly PreparedExpression _receipt = ExpressionSyntax.Prepare(sink.Receipt);
    private readonly PreparedExpression? _label = sink.Label is null ? null : ExpressionSyntax.Prepare(sink.Label);
    private readonly PreparedExpression? _value = sink.Value is null ? null : ExpressionSyntax.Prepare(sink.Value);
    private readonly ConcurrentBag<SinkValues> _values = [];

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        var values = _values.TryTake(out var used) ? used : new SinkValues();
        try
        {
            if (Fact(message, values) is { } told)
            {
                await facts.AppendAsync([told], cancellationToken);
            }

            return new SinkAnswer.Sent();
        }
        catch (ExpressionException failed)
        {
            return failed.IsTransient ? new SinkAnswer.Later(failed.Message) { Code = failed.Code } : new SinkAnswer.Refused(failed.Message) { Code = failed.Code };
        }
        catch (FormatException invalid)
        {
            return new SinkAnswer.Refused(invalid.Message) { Code = "outcome.fact-invalid" };
        }
        finally
        {
            _values.Add(values);
        }
    }

    /// <summary>Null if the message tells nothing.</summary>
    private LaterFact? Fact(SinkMessage message, SinkValues values)
    {
        var now = time.GetUtcNow();
        values.Begin(message, now);
        return values.TextOf(_fact, "fact") is not { } fact || values.TextOf(_receipt, "receipt") is not { } receipt ? null
            : new LaterFact(
                message.Message.Id.Value, Kind(fact), null, Receipt(receipt), null, message.Message.Time ?? now, Number(values.Of(_value)), Label(values.TextOf(_label, "label")));
    }

    private static string Kind(string fact) =>
        LaterFacts.Kinds.Contains(fact) ? fact : throw new FormatException($"fact is none of {string.Join(", ", LaterFacts.Kinds)}");

    private static string Receipt(string receipt) =>
        receipt.Length is > 0 and <= MessageId.MaxLength ? receipt : throw new FormatException($"receipt is not 1 to {MessageId.MaxLength} characters");

    private static string? Label(string? label) => label is null ? null
        : label.Length is > 0 and <= LabelLengthMax && !label.Any(char.IsControl) ? label
        : throw new FormatException($"label is not 1 to {LabelLengthMax} characters without control characters");

    private static double? Number(JsonElement? value) => value is null ? null
        : value.Value.ValueKind == JsonValueKind.Number && value.Value.TryGetDouble(out var number) && double.IsFinite(number) ? number
        : throw new FormatException("value is not a number");
}
