using System.Globalization;
using System.Text;

namespace Trunkline.Server.Sight.Traces;

/// <summary>Reads requests of OTLP in Protobuf: of opentelemetry-proto 1.x, the fields that are kept.</summary>
internal static class OtlpReader
{
    private const string ServiceName = "service.name";

    // Lists within lists: what lies deeper is left out.
    private const int DepthMax = 4;
    private const int ItemsMax = 32;

    /// <summary>Reads spans.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such request.</exception>
    public static void Spans(ReadOnlySpan<byte> request, SpanBatch batch)
    {
        var all = new OtlpCursor(request);
        while (all.Next(out var field))
        {
            if (field == 1)
            {
                OfResource(all.Bytes(), batch);
            }
            else
            {
                all.Skip();
            }
        }
    }

    /// <summary>Counts the log records or metrics of a request: all three kinds of request are nested alike.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such request.</exception>
    public static long Count(ReadOnlySpan<byte> request)
    {
        var count = 0L;
        for (var all = new OtlpCursor(request); all.Next(out var field);)
        {
            if (field != 1)
            {
                all.Skip();
                continue;
            }

            for (var scopes = new OtlpCursor(all.Bytes()); scopes.Next(out var part);)
            {
                if (part != 2)
                {
                    scopes.Skip();
                    continue;
                }

                for (var items = new OtlpCursor(scopes.Bytes()); items.Next(out var item); items.Skip())
                {
                    count += item == 2 ? 1 : 0;
                }
            }
        }

        return count;
    }

    private static void OfResource(ReadOnlySpan<byte> of, SpanBatch batch)
    {
        var service = ServiceOf(of);
        var scopes = new OtlpCursor(of);
        while (scopes.Next(out var field))
        {
            if (field != 2)
            {
                scopes.Skip();
                continue;
            }

            var spans = new OtlpCursor(scopes.Bytes());
            while (spans.Next(out var item))
            {
                if (item == 2)
                {
                    batch.Add(SpanOf(spans.Bytes()), service);
                }
                else
                {
                    spans.Skip();
                }
            }
        }
    }

    /// <summary>Who sends: looked for first, since the order of fields is free.</summary>
    private static string ServiceOf(ReadOnlySpan<byte> of)
    {
        string? service = null;
        var parts = new OtlpCursor(of);
        while (parts.Next(out var field))
        {
            if (field != 1)
            {
                parts.Skip();
                continue;
            }

            var resource = new OtlpCursor(parts.Bytes());
            while (resource.Next(out var item))
            {
                if (item != 1)
                {
                    resource.Skip();
                    continue;
                }

                var (name, value) = Pair(resource.Bytes());
                service = name == ServiceName ? value : service;
            }
        }

        return SpanText.ServiceOf(service);
    }

    private static SpanDraft SpanOf(ReadOnlySpan<byte> bytes)
    {
        var draft = new SpanDraft();
        var fields = new OtlpCursor(bytes);
        while (fields.Next(out var field))
        {
            switch (field)
            {
                case 1:
                    draft.Trace = SpanDraft.IdOf(fields.Bytes());
                    break;
                case 2:
                    draft.Id = SpanDraft.IdOf(fields.Bytes());
                    break;
                case 4:
                    draft.Parent = SpanDraft.IdOf(fields.Bytes());
                    break;
                case 5:
                    draft.Name = Text(fields.Bytes());
                    break;
                case 6:
                    draft.Role = fields.Number();
                    break;
                case 7:
                    draft.Start = fields.Number();
                    break;
                case 8:
                    draft.End = fields.Number();
                    break;
                case 9:
                    var (name, value) = Pair(fields.Bytes());
                    draft.Attribute(name, value);
                    break;
                case 13:
                    draft.Link(LinkOf(fields.Bytes()));
                    break;
                case 15:
                    draft.Failed = IsError(fields.Bytes());
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return draft;
    }

    private static SpanRef LinkOf(ReadOnlySpan<byte> bytes)
    {
        var (trace, span) = ("", "");
        var fields = new OtlpCursor(bytes);
        while (fields.Next(out var field))
        {
            switch (field)
            {
                case 1:
                    trace = SpanDraft.IdOf(fields.Bytes());
                    break;
                case 2:
                    span = SpanDraft.IdOf(fields.Bytes());
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return new SpanRef(trace, span);
    }

    private static bool IsError(ReadOnlySpan<byte> bytes)
    {
        var isError = false;
        var fields = new OtlpCursor(bytes);
        while (fields.Next(out var field))
        {
            if (field == 3)
            {
                isError = fields.Number() == 2;
            }
            else
            {
                fields.Skip();
            }
        }

        return isError;
    }

    private static (string Name, string? Value) Pair(ReadOnlySpan<byte> bytes)
    {
        var name = "";
        string? value = null;
        var fields = new OtlpCursor(bytes);
        while (fields.Next(out var field))
        {
            switch (field)
            {
                case 1:
                    name = Text(fields.Bytes());
                    break;
                case 2:
                    value = ValueOf(fields.Bytes(), 0);
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return (name, value);
    }

    /// <summary>A value as text; null for maps and bytes, which are not kept.</summary>
    private static string? ValueOf(ReadOnlySpan<byte> bytes, int depth)
    {
        string? value = null;
        var fields = new OtlpCursor(bytes);
        while (fields.Next(out var field))
        {
            switch (field)
            {
                case 1:
                    value = Text(fields.Bytes());
                    break;
                case 2:
                    value = fields.Number() == 0 ? "false" : "true";
                    break;
                case 3:
                    value = ((long)fields.Number()).ToString(CultureInfo.InvariantCulture);
                    break;
                case 4:
                    value = SpanDraft.Text(BitConverter.UInt64BitsToDouble(fields.Number()));
                    break;
                case 5 when depth < DepthMax:
                    value = ListOf(fields.Bytes(), depth + 1);
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return value;
    }

    private static string ListOf(ReadOnlySpan<byte> bytes, int depth)
    {
        var items = new List<string>();
        var fields = new OtlpCursor(bytes);
        while (items.Count < ItemsMax && fields.Next(out var field))
        {
            if (field == 1)
            {
                items.Add(ValueOf(fields.Bytes(), depth) ?? "…");
            }
            else
            {
                fields.Skip();
            }
        }

        return string.Join(", ", items);
    }

    // No more of a text is decoded than could be kept.
    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 4 * SpanText.ValueMax)]);
}
