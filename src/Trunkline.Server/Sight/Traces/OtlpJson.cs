using System.Globalization;
using System.Text.Json;

namespace Trunkline.Server.Sight.Traces;

/// <summary>Reads requests of OTLP in JSON. It is Protobuf's JSON but for ids, which are hex; numbers of 64 bits come as numbers or as texts.</summary>
internal static class OtlpJson
{
    private const int DepthMax = 32;
    private const int ItemsMax = 32;

    /// <summary>Reads spans.</summary>
    /// <exception cref="InvalidDataException">It is no such request.</exception>
    public static void Spans(ReadOnlyMemory<byte> request, SpanBatch batch)
    {
        using var document = Parse(request);
        foreach (var of in List(document.RootElement, "resourceSpans"))
        {
            var service = ResourceOf(of).Service;
            foreach (var span in List(of, "scopeSpans").SelectMany(scope => List(scope, "spans")))
            {
                batch.Add(SpanOf(span), service);
            }
        }
    }

    /// <summary>The request; nested no deeper than is read.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> request)
    {
        try
        {
            var document = JsonDocument.Parse(request, new JsonDocumentOptions { MaxDepth = DepthMax });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new InvalidDataException("it is no JSON object");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException(FormattableString.Invariant($"line {failure.LineNumber + 1} is no JSON, or nested deeper than {DepthMax}"), failure);
        }
    }

    /// <summary>Who sends a part of a request.</summary>
    public static OtlpResource ResourceOf(JsonElement of) => OtlpResource.Of(Part(of, "resource") is { } resource ? Attributes(resource) : []);

    private static SpanDraft SpanOf(JsonElement span)
    {
        var draft = new SpanDraft
        {
            Trace = IdOf(span, "traceId"),
            Id = IdOf(span, "spanId"),
            Parent = IdOf(span, "parentSpanId"),
            Name = Text(span, "name") ?? "",
            Role = Number(span, "kind"),
            Start = Number(span, "startTimeUnixNano"),
            End = Number(span, "endTimeUnixNano"),
            Failed = Part(span, "status") is { } status && Number(status, "code") == 2,
        };
        foreach (var (name, value) in Attributes(span))
        {
            draft.Attribute(name, value);
        }

        foreach (var link in List(span, "links"))
        {
            draft.Link(new SpanRef(IdOf(link, "traceId"), IdOf(link, "spanId")));
        }

        return draft;
    }

    /// <summary>Attributes with their values as texts; null for bytes, which are not kept, and for maps unless they are asked for.</summary>
    public static IEnumerable<(string Name, string? Value)> Attributes(JsonElement of, bool withMaps = false) =>
        List(of, "attributes").Select(a => (Text(a, "key") ?? "", Part(a, "value") is { } value ? ValueOf(value, withMaps) : null));

    /// <summary>A value as text.</summary>
    public static string? ValueOf(JsonElement value, bool withMaps)
    {
        foreach (var kind in value.EnumerateObject())
        {
            switch (kind.Name)
            {
                case "stringValue" when kind.Value.ValueKind == JsonValueKind.String:
                case "intValue" when kind.Value.ValueKind == JsonValueKind.String:
                    return kind.Value.GetString();
                case "intValue" or "doubleValue" when kind.Value.ValueKind == JsonValueKind.Number:
                    return kind.Value.GetRawText();
                case "doubleValue" when kind.Value.ValueKind == JsonValueKind.String:
                    return kind.Value.GetString();
                case "boolValue" when kind.Value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    return kind.Value.GetBoolean() ? "true" : "false";
                case "arrayValue" when kind.Value.ValueKind == JsonValueKind.Object:
                    return string.Join(", ", List(kind.Value, "values").Take(ItemsMax).Select(v => v.ValueKind == JsonValueKind.Object ? ValueOf(v, withMaps) ?? "…" : "…"));
                case "kvlistValue" when withMaps && kind.Value.ValueKind == JsonValueKind.Object:
                    return string.Join(", ", List(kind.Value, "values").Take(ItemsMax).Select(v => (Name: Text(v, "key") ?? "", Value: Part(v, "value")))
                        .Where(v => !SpanText.IsContent(v.Name)).Select(v => $"{v.Name}={(v.Value is { } inner ? ValueOf(inner, withMaps) : null) ?? "…"}"));
            }
        }

        return null;
    }

    /// <summary>The objects of a list; none if it is not there.</summary>
    public static IEnumerable<JsonElement> List(JsonElement of, string name) =>
        of.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.Object) : [];

    /// <summary>An object within; null if it is not there.</summary>
    public static JsonElement? Part(JsonElement of, string name) => of.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.Object ? part : null;

    /// <summary>A text; null if it is not there.</summary>
    public static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    /// <summary>An id in lower case; empty if it is not there or all zeros.</summary>
    public static string IdOf(JsonElement of, string name) => Text(of, name)?.ToLowerInvariant() is { } id && id.AsSpan().ContainsAnyExcept('0') ? id : "";

    /// <summary>A number that is not negative; 0 for anything else, which no time is.</summary>
    public static ulong Number(JsonElement of, string name)
    {
        var text = !of.TryGetProperty(name, out var value) ? null : value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString(),
            _ => null,
        };
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
