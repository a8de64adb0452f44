using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trunkline.Server.Schemas.Registry;

/// <summary>How the registry is stored: JSON, names in camel case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SchemaVersion))]
[JsonSerializable(typeof(SubjectConfig))]
[JsonSerializable(typeof(IdFloor))]
internal sealed partial class RegistryJson : JsonSerializerContext
{
    /// <summary>For writing: schemas are full of quotes, which need no six bytes each.</summary>
    public static RegistryJson Compact => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
