namespace Trunkline.Server.Sight.Traces;

/// <summary>Reads requests of OTLP in Protobuf: of opentelemetry-proto 1.x, the fields that are kept.</summary>
internal static class OtlpReader
{
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

    private static void OfResource(ReadOnlySpan<byte> of, SpanBatch batch)
    {
        var service = OtlpResource.Of(of).Service;
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
                    draft.Name = OtlpValue.Text(fields.Bytes());
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
                    var (name, value) = OtlpValue.Pair(fields.Bytes());
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
}
