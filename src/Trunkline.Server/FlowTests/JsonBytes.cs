using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.FlowTests;

/// <summary>JSON of values written in a file of tests.</summary>
internal static class JsonBytes
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>In UTF-8.</summary>
    public static byte[] Of(AnyValue? value) => Of(value?.ToJson());

    /// <summary>As text, for people.</summary>
    public static string Text(AnyValue value) => Encoding.UTF8.GetString(Of(value));

    private static byte[] Of(JsonNode? node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            if (node is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                node.WriteTo(writer);
            }
        }

        return buffer.ToArray();
    }
}
