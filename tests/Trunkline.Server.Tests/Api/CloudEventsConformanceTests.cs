using System.Net;
using System.Text;
using System.Text.Json;

namespace Trunkline.Server.Tests.Api;

/// <summary>The events of the CloudEvents conformance project, posted in both modes and read back.</summary>
public sealed class CloudEventsConformanceTests : ApiTest
{
    private const string In = "/api/v1/topics/one/messages";

    [Fact]
    public async Task Every_conformance_event_comes_back_equal_in_both_modes()
    {
        var number = 0;
        foreach (var (attributes, data) in CloudEventVectors.Read())
        {
            await CheckAsync(new Dictionary<string, string>(attributes), data, structured: true, $"a-{++number}");
            await CheckAsync(new Dictionary<string, string>(attributes), data, structured: false, $"b-{number}");
        }

        Assert.Equal(8, number);
    }

    private async Task CheckAsync(Dictionary<string, string> attributes, string data, bool structured, string id)
    {
        attributes["id"] = id;
        var json = attributes.GetValueOrDefault("datacontenttype", "application/json").StartsWith("application/json", StringComparison.Ordinal);
        var (status, answer) = structured ? await PostStructuredAsync(attributes, data, json) : await PostBinaryAsync(attributes, data);
        Assert.True(status == HttpStatusCode.OK, $"{id}: {answer}");
        var stored = (await BrowseAsync("one")).Single(m => m.GetProperty("id").GetString() == id);
        foreach (var (name, value) in attributes.Where(a => a.Key != "time"))
        {
            Assert.Equal(value, stored.GetProperty(name).GetString());
        }

        var read = stored.GetProperty("data");
        Assert.True(json ? JsonElement.DeepEquals(JsonDocument.Parse(data).RootElement, read) : read.GetString() == data, id);
    }

    private Task<(HttpStatusCode, JsonElement)> PostStructuredAsync(Dictionary<string, string> attributes, string data, bool json)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in attributes)
            {
                writer.WriteString(name, value);
            }

            writer.WritePropertyName("data");
            if (json)
            {
                writer.WriteRawValue(data);
            }
            else
            {
                writer.WriteStringValue(data);
            }

            writer.WriteEndObject();
        }

        return PostAsync(In, stream.ToArray(), "application/cloudevents+json; charset=utf-8");
    }

    private Task<(HttpStatusCode, JsonElement)> PostBinaryAsync(Dictionary<string, string> attributes, string data)
    {
        attributes.TryAdd("datacontenttype", "application/json");
        return PostAsync(
            In,
            Encoding.UTF8.GetBytes(data),
            attributes["datacontenttype"],
            [.. attributes.Where(a => a.Key != "datacontenttype").Select(a => ("ce-" + a.Key, Uri.EscapeDataString(a.Value)))]);
    }
}
