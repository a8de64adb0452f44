using System.Text.Json.Serialization;

namespace Trunkline.Server.Schemas.Registry;

/// <summary>How the registry is stored: JSON, names in camel case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SchemaVersion))]
[JsonSerializable(typeof(SubjectConfig))]
[JsonSerializable(typeof(IdFloor))]
internal sealed partial class RegistryJson : JsonSerializerContext;
