using System.Text.Json.Serialization;

namespace Trunkline.Server.Releases;

/// <summary>How revisions and changes are stored: JSON, names in camel case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Change))]
[JsonSerializable(typeof(RevisionRecord))]
[JsonSerializable(typeof(RevisionPointer))]
[JsonSerializable(typeof(RevisionSalt))]
internal sealed partial class ReleaseJson : JsonSerializerContext;
