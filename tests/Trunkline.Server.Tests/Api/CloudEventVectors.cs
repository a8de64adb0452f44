using Trunkline.Server.Tests.Schemas;
using YamlDotNet.RepresentationModel;

namespace Trunkline.Server.Tests.Api;

/// <summary>The events of the CloudEvents conformance project.</summary>
internal static class CloudEventVectors
{
    /// <summary>Their attributes, extensions among them, and their data as text; the test is skipped where they are missing.</summary>
    public static IReadOnlyList<(IReadOnlyDictionary<string, string> Attributes, string Data)> Read()
    {
        var folder = Path.Combine(Vectors.Folder("cloudevents"), "conformance-yaml");
        return
        [
            .. new[] { "v1.yaml", "v1.0/v1_minimum.yaml" }.SelectMany(file =>
            {
                var yaml = new YamlStream();
                using var text = new StreamReader(Path.Combine(folder, file));
                yaml.Load(text);
                return yaml.Documents.Select(document => Event((YamlMappingNode)document.RootNode)).ToList();
            }),
        ];
    }

    private static (IReadOnlyDictionary<string, string> Attributes, string Data) Event(YamlMappingNode document)
    {
        var context = (YamlMappingNode)document["ContextAttributes"];
        var attributes = context.Where(one => one.Value is YamlScalarNode).ToDictionary(one => one.Key.ToString(), one => one.Value.ToString());
        if (context.Children.TryGetValue("Extensions", out var extensions))
        {
            foreach (var (name, value) in (YamlMappingNode)extensions)
            {
                attributes[name.ToString()] = value.ToString();
            }
        }

        return (attributes, document["Data"].ToString());
    }
}
