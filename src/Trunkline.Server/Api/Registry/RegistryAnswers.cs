using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Api.Registry;

/// <summary>Answers of the registry in the form its clients know, which is not the API's own.</summary>
internal static class RegistryAnswers
{
    /// <summary>The media type of an answer, unless another one is asked for.</summary>
    public const string MediaType = "application/vnd.schemaregistry.v1+json";

    // All are the same JSON; a client may insist on one of the names.
    private static readonly string[] s_mediaTypes = [MediaType, "application/vnd.schemaregistry+json", "application/json"];

    /// <summary>Where it is served.</summary>
    public const string Path = "/registry";

    // Schemas are full of quotes; nothing of an answer goes into a page.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An answer written by hand, in the order the documentation shows.</summary>
    public static IResult Json(Action<Utf8JsonWriter> write, int status = StatusCodes.Status200OK) => new RegistryAnswer(Bytes(write), status);

    /// <summary>An object.</summary>
    public static IResult Object(Action<Utf8JsonWriter> properties) => Json(writer =>
    {
        writer.WriteStartObject();
        properties(writer);
        writer.WriteEndObject();
    });

    /// <summary>An array of texts.</summary>
    public static IResult Texts(IEnumerable<string> texts) => Array(texts, (writer, text) => writer.WriteStringValue(text));

    /// <summary>An array of numbers.</summary>
    public static IResult Numbers(IEnumerable<int> numbers) => Array(numbers, (writer, number) => writer.WriteNumberValue(number));

    /// <summary>An array.</summary>
    public static IResult Array<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write) => Json(writer =>
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            write(writer, item);
        }

        writer.WriteEndArray();
    });

    /// <summary>A schema's bare text.</summary>
    public static IResult Raw(string text) => new RegistryAnswer(Encoding.UTF8.GetBytes(text), StatusCodes.Status200OK);

    /// <summary>Done, and nothing to say.</summary>
    public static IResult Empty() => new RegistryAnswer([], StatusCodes.Status204NoContent);

    /// <summary>A refusal or failure.</summary>
    public static IResult Error(int code, string message) => Json(writer => WriteError(writer, code, message), code > 999 ? code / 100 : code);

    /// <summary>Turns what an endpoint throws into the registry's errors.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">The endpoint.</param>
    /// <param name="incompatibleCode">The number for an incompatible schema, which Confluent changed.</param>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, int incompatibleCode)
    {
        try
        {
            return await next(context);
        }
        catch (RegistryRefusal refusal)
        {
            return Error(refusal.Code == RegistryRefusal.Incompatible ? incompatibleCode : refusal.Code, refusal.Message);
        }
        catch (BrokerException failure)
        {
            return Error(failure.Code == BrokerErrorCode.NotSupported ? 50101 : 50001, $"Error in the backend data store: {failure.Code}");
        }
    }

    /// <summary>The media type for a request: the first of the registry's that it takes.</summary>
    public static string MediaTypeFor(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return accepted.Count == 0 ? MediaType : s_mediaTypes.FirstOrDefault(type => accepted.Any(range => range.Quality != 0 && Takes(range, type))) ?? MediaType;
    }

    // The names as they stand: a suffix makes none of them another.
    private static bool Takes(MediaTypeHeaderValue range, string type) =>
        range.MatchesAllTypes || (range.MatchesAllSubTypes && range.Type.Equals("application", StringComparison.OrdinalIgnoreCase)) || range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase);

    /// <summary>The body of an error.</summary>
    public static byte[] ErrorBody(int code, string message) => Bytes(writer => WriteError(writer, code, message));

    private static void WriteError(Utf8JsonWriter writer, int code, string message)
    {
        writer.WriteStartObject();
        writer.WriteNumber("error_code", code);
        writer.WriteString("message", message);
        writer.WriteEndObject();
    }

    private static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A schema as the registry shows it, with its text in the form that was asked for.</summary>
    public static void WriteSchema(Utf8JsonWriter writer, SchemaContent content, string text)
    {
        if (content.Type != SchemaTypes.Avro)
        {
            writer.WriteString("schemaType", content.Type);
        }

        if (content.References.Count > 0)
        {
            writer.WriteStartArray("references");
            foreach (var reference in content.References)
            {
                writer.WriteStartObject();
                writer.WriteString("name", reference.Name);
                writer.WriteString("subject", reference.Subject);
                writer.WriteNumber("version", reference.Version);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        foreach (var (name, raw) in new[] { ("metadata", content.Metadata), ("ruleSet", content.RuleSet) })
        {
            if (raw is not null)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(raw);
            }
        }

        writer.WriteString("schema", text);
    }

    /// <summary>A version as the registry shows it.</summary>
    public static void WriteVersion(Utf8JsonWriter writer, SchemaVersion version, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("subject", version.Subject);
        writer.WriteNumber("version", version.Version);
        writer.WriteNumber("id", version.Id);
        writer.WriteString("guid", version.Content!.Guid().ToString("D", CultureInfo.InvariantCulture));
        WriteSchema(writer, version.Content, text);
        if (version.State == VersionState.Deleted)
        {
            writer.WriteBoolean("deleted", true);
        }

        writer.WriteEndObject();
    }
}

/// <summary>Bytes with the registry's media type.</summary>
internal sealed class RegistryAnswer(byte[] body, int status) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        if (body.Length == 0)
        {
            return Task.CompletedTask;
        }

        response.ContentType = RegistryAnswers.MediaTypeFor(httpContext.Request);
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(httpContext.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
