using System.Text;
using System.Text.Json;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Trunkline.Core.Config;
using Trunkline.Messaging;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.FlowTests;

/// <summary>Compares a message a sink got with what is written. Not thread-safe.</summary>
internal sealed class MessageMatch(MessageOrigins origins) : IDisposable
{
    private ExpressionEngine _engine = new(new ExpressionLimits());

    /// <summary>What is not as written.</summary>
    public IReadOnlyList<Difference> Compare(ExpectedMessage expected, StoredMessage got)
    {
        var differences = new List<Difference>();
        var message = got.Message;
        if (expected.From is { } from && origins.Of(message) is var origin && origin != from.Text)
        {
            differences.Add(new Difference(from.Where, "from", from.Text, origin ?? "unknown"));
        }

        if (expected.Key is { } key && message.Key?.ToString() is var came && came != key.Text)
        {
            differences.Add(new Difference(key.Where, "key", key.Text, came ?? "none"));
        }

        foreach (var header in expected.Headers)
        {
            if (message.Headers.Text(header.Name) is var value && value != header.Value)
            {
                differences.Add(new Difference(header.Where, $"header '{header.Name}'", header.Value ?? "", value ?? "nothing"));
            }
        }

        if (expected.Body is { } body)
        {
            using var document = BodyOf(message);
            differences.AddRange(BodyMatch.Compare(body, document.RootElement, ""));
        }

        differences.AddRange(Conditions(expected, got));
        return differences;
    }

    /// <summary>The body for people.</summary>
    public static string Show(Message message) => BodyMatch.Cut(Encoding.UTF8.GetString(message.Payload.Span));

    /// <inheritdoc/>
    public void Dispose() => _engine.Dispose();

    private IEnumerable<Difference> Conditions(ExpectedMessage expected, StoredMessage got)
    {
        if (expected.Conditions.Count == 0)
        {
            yield break;
        }

        foreach (var condition in expected.Conditions)
        {
            if (Problem(condition.Value, got) is { } problem)
            {
                yield return new Difference(condition.Where, "where", condition.Value, problem);
            }
        }
    }

    private string? Problem(string condition, StoredMessage got)
    {
        try
        {
            _engine.Begin(got);
            var value = _engine.Evaluate(
                ExpressionSyntax.Prepare(condition), new ExpressionInput(_engine.ReadJson(got.Message.Payload.Span), _engine.Meta(got.Message, 1), JsValue.Null));
            return TypeConverter.ToBoolean(value) ? null : $"{Text(value)} for {Show(got.Message)}";
        }
        catch (ExpressionException failed)
        {
            // A limit stops the engine at any place: what state it is left in is nothing to build on.
            _engine.Dispose();
            _engine = new ExpressionEngine(new ExpressionLimits());
            return Printable.Show(failed.Message, BodyMatch.ShownMax);
        }
    }

    private string Text(JsValue value) => value.IsUndefined() ? "undefined" : Encoding.UTF8.GetString(_engine.WriteJson(value));

    /// <summary>What is not JSON is compared as text.</summary>
    private static JsonDocument BodyOf(Message message)
    {
        try
        {
            return JsonDocument.Parse(message.Payload);
        }
        catch (JsonException)
        {
            return JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(message.Payload.Span), TextJson.Default.String));
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class TextJson : System.Text.Json.Serialization.JsonSerializerContext;
