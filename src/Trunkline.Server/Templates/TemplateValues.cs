using System.Globalization;
using System.Text;
using System.Text.Json;
using Fluid.Values;
using Trunkline.Messaging;

namespace Trunkline.Server.Templates;

/// <summary>What a template sees of a message.</summary>
internal static class TemplateValues
{
    private const int DepthMax = 64;

    /// <summary>The body: JSON as what it is, anything else as text.</summary>
    public static FluidValue OfBody(Message message)
    {
        try
        {
            using var document = JsonDocument.Parse(message.Payload, new JsonDocumentOptions { MaxDepth = DepthMax });
            return Of(document.RootElement);
        }
        catch (JsonException)
        {
            return new StringValue(Encoding.UTF8.GetString(message.Payload.Span));
        }
    }

    /// <summary>Its id, key, time and headers.</summary>
    public static FluidValue OfMeta(Message message) => Of(new Dictionary<string, FluidValue>(StringComparer.Ordinal)
    {
        ["id"] = new StringValue(message.Id.Value),
        ["key"] = message.Key is { } key ? new StringValue(Encoding.UTF8.GetString(key.Bytes.Span)) : NilValue.Instance,
        ["time"] = message.Time is { } time ? new StringValue(time.ToString("O", CultureInfo.InvariantCulture)) : NilValue.Instance,
        ["headers"] = Of(message.Headers.GroupBy(header => header.Name, StringComparer.Ordinal)
            .ToDictionary(header => header.Key, header => (FluidValue)new StringValue(header.Last().Text), StringComparer.Ordinal)),
    });

    private static FluidValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => Of(Members(json)),
        JsonValueKind.Array => new ArrayValue([.. json.EnumerateArray().Select(Of)]),
        JsonValueKind.String => new StringValue(TextOf(json)),
        JsonValueKind.Number => json.TryGetDecimal(out var number) ? NumberValue.Create(number) : new StringValue(json.GetRawText()),
        JsonValueKind.True => BooleanValue.True,
        JsonValueKind.False => BooleanValue.False,
        _ => NilValue.Instance,
    };

    // A name given twice: the last counts, as in JavaScript.
    private static Dictionary<string, FluidValue> Members(JsonElement json)
    {
        var members = new Dictionary<string, FluidValue>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            members[member.Name] = Of(member.Value);
        }

        return members;
    }

    private static DictionaryValue Of(Dictionary<string, FluidValue> members) => new(new FluidValueDictionaryFluidIndexable(members));

    private static string TextOf(JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: as it is written.
            return json.GetRawText();
        }
    }
}
