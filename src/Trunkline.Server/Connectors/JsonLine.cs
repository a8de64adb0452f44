using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Trunkline.Server.Connectors;

/// <summary>A body as one line of JSON.</summary>
internal static class JsonLine
{
    // Whatever a message may nest, and no more than a reader of the lines can take.
    private const int DepthMax = 512;

    private static readonly JsonSerializerOptions AsText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    /// <summary>JSON as it is but for its line ends, which in JSON only stand between tokens; a text as a JSON string; null for bytes that are neither.</summary>
    public static byte[]? Of(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            return null;
        }

        if (!IsJson(body))
        {
            return JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(body), AsText);
        }

        var line = body.ToArray();
        for (var ends = line.AsSpan(); ends.IndexOfAny(LineEnds) is >= 0 and var at; ends = ends[(at + 1)..])
        {
            ends[at] = (byte)' ';
        }

        return line;
    }

    private static bool IsJson(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = DepthMax });
            while (reader.Read())
            {
                // All of it has to be JSON.
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
