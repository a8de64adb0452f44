using System.Text.Json;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Logs;

/// <summary>Reads log records of other services from requests of OTLP, in Protobuf and in JSON.</summary>
internal static class OtlpLogs
{
    /// <summary>Reads a request in Protobuf.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such request.</exception>
    public static void Read(ReadOnlySpan<byte> request, LogBatch batch)
    {
        var all = new OtlpCursor(request);
        while (all.Next(out var field))
        {
            if (field != 1)
            {
                all.Skip();
                continue;
            }

            var of = all.Bytes();
            var from = OtlpResource.Of(of);
            for (var scopes = new OtlpCursor(of); scopes.Next(out var part);)
            {
                if (part == 2)
                {
                    OfScope(scopes.Bytes(), from, batch);
                }
                else
                {
                    scopes.Skip();
                }
            }
        }
    }

    /// <summary>Reads a request in JSON.</summary>
    /// <exception cref="InvalidDataException">It is no such request.</exception>
    public static void Read(ReadOnlyMemory<byte> request, LogBatch batch)
    {
        using var document = OtlpJson.Parse(request);
        foreach (var of in OtlpJson.List(document.RootElement, "resourceLogs"))
        {
            var from = OtlpJson.ResourceOf(of);
            foreach (var scope in OtlpJson.List(of, "scopeLogs"))
            {
                var name = OtlpJson.Part(scope, "scope") is { } said ? OtlpJson.Text(said, "name") ?? "" : "";
                foreach (var record in OtlpJson.List(scope, "logRecords"))
                {
                    batch.Add(RecordOf(record), from, name);
                }
            }
        }
    }

    private static void OfScope(ReadOnlySpan<byte> scope, OtlpResource from, LogBatch batch)
    {
        // Looked for first, since the order of fields is free.
        var name = "";
        for (var parts = new OtlpCursor(scope); parts.Next(out var part);)
        {
            if (part == 1)
            {
                name = NameOf(parts.Bytes());
            }
            else
            {
                parts.Skip();
            }
        }

        for (var parts = new OtlpCursor(scope); parts.Next(out var part);)
        {
            if (part == 2)
            {
                batch.Add(RecordOf(parts.Bytes()), from, name);
            }
            else
            {
                parts.Skip();
            }
        }
    }

    private static string NameOf(ReadOnlySpan<byte> bytes)
    {
        var name = "";
        for (var fields = new OtlpCursor(bytes); fields.Next(out var field);)
        {
            if (field == 1)
            {
                name = OtlpValue.Text(fields.Bytes());
            }
            else
            {
                fields.Skip();
            }
        }

        return name;
    }

    private static LogDraft RecordOf(ReadOnlySpan<byte> bytes)
    {
        var draft = new LogDraft();
        for (var fields = new OtlpCursor(bytes); fields.Next(out var field);)
        {
            switch (field)
            {
                case 1:
                    draft.Time = fields.Number();
                    break;
                case 2:
                    draft.Severity = fields.Number();
                    break;
                case 5:
                    draft.Body = OtlpValue.ValueOf(fields.Bytes(), LogLine.TextMax, withMaps: true);
                    break;
                case 6:
                    var (name, value) = OtlpValue.Pair(fields.Bytes(), withMaps: true);
                    draft.Attribute(name, value);
                    break;
                case 9:
                    draft.Trace = SpanDraft.IdOf(fields.Bytes());
                    break;
                case 11:
                    draft.ObservedTime = fields.Number();
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return draft;
    }

    private static LogDraft RecordOf(JsonElement record)
    {
        var draft = new LogDraft
        {
            Time = OtlpJson.Number(record, "timeUnixNano"),
            ObservedTime = OtlpJson.Number(record, "observedTimeUnixNano"),
            Severity = OtlpJson.Number(record, "severityNumber"),
            Body = OtlpJson.Part(record, "body") is { } body ? OtlpJson.ValueOf(body, withMaps: true) : null,
            Trace = OtlpJson.IdOf(record, "traceId"),
        };
        foreach (var (name, value) in OtlpJson.Attributes(record, withMaps: true))
        {
            draft.Attribute(name, value);
        }

        return draft;
    }
}
