using System.Text.Json.Serialization;

namespace Trunkline.Server.Pacts;

/// <summary>How pacts are stored: JSON, names in camel case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PactRecord))]
internal sealed partial class PactJson : JsonSerializerContext;
