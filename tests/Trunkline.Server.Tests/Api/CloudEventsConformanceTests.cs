using System.Net;
using System.Text;
using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace Trunkline.Server.Tests.Api;

/// <summary>The events of the CloudEvents conformance project, posted in both modes and read back.</summary>
public sealed class CloudEventsConformanceTests : ApiTest
{
    private const string In = "/api/v1/topics/one/messages";

    [Fact]
    public async Task Every_conformance_event_comes_back_equal_in_both_modes()
    {
        var folder = Path.GetFullPath(Path.Combine(Root(), "..", "shared", "vectors", "cloudevents", "conformance-yaml"));
        Assert.SkipUnless(Directory.Exists(folder), $"The vectors are not at {folder}.");
        var number = 0;
        foreach (var file in new[] { "v1.yaml", "v1.0/v1_minimum.yaml" })
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(await File.ReadAllTextAsync(Path.Combine(folder, file), Cancel)));
            foreach (var document in yaml.Documents.Select(d => (YamlMappingNode)d.RootNode))
            {
                await CheckAsync(document, structured: true, $"a-{++number}");
                await CheckAsync(document, structured: false, $"b-{number}");
            }
        }

        Assert.Equal(8, number);
    }

    private async Task CheckAsync(YamlMappingNode document, bool structured, string id)
    {
        var attributes = ((YamlMappingNode)document["ContextAttributes"]).Where(a => a.Value is YamlScalarNode)
            .ToDictionary(a => a.Key.ToString(), a => a.Value.ToString());
        if (((YamlMappingNode)document["ContextAttributes"]).Children.TryGetValue("Extensions", out var extensions))
        {
            foreach (var (name, value) in (YamlMappingNode)extensions)
            {
                attributes[name.ToString()] = value.ToString();
            }
        }

        attributes["id"] = id;
        var data = document["Data"].ToString();
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

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Trunkline.slnx")))
        {
            at = at.Parent ?? throw new InvalidOperationException("No Trunkline.slnx above the tests.");
        }

        return at.FullName;
    }
}
