using Trunkline.Server.Schemas;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Readers;

/// <summary>A file with a schema, as projects name it. It stands by itself: references to other subjects are for the registry.</summary>
internal static class SchemaFile
{
    private const int BytesMax = 10 * 1024 * 1024;

    /// <summary>Reads a file; null with what is wrong if it holds no schema.</summary>
    public static SchemaContent? Read(string path, out IReadOnlyList<SchemaFault> faults)
    {
        if (TypeOf(path) is not { } type)
        {
            faults = [new("", "", "", $"its name ends in none of those of a schema: {string.Join(", ", Endings.Keys)}")];
            return null;
        }

        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > BytesMax)
            {
                faults = [new("", "", "", "it is larger than 10 MB")];
                return null;
            }

            var content = new SchemaContent { Type = type, Text = File.ReadAllText(path) };
            faults = SchemaFormats.Get(type).Check(content.Text, []);
            return faults.Count == 0 ? content : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            faults = [new("", "", "", "it cannot be read: " + failure.Message)];
            return null;
        }
        catch (RegistryRefusal refused)
        {
            faults = [new("", "", "", refused.Message)];
            return null;
        }
    }

    private static Dictionary<string, string> Endings { get; } = new(StringComparer.OrdinalIgnoreCase) { [".avsc"] = "AVRO", [".json"] = "JSON", [".proto"] = "PROTOBUF" };

    /// <summary>The format of a file, by its name; null if it tells none, or one that cannot be read here.</summary>
    public static string? TypeOf(string path) => Endings.TryGetValue(Path.GetExtension(path), out var type) && SchemaFormats.Find(type) is not null ? type : null;
}
