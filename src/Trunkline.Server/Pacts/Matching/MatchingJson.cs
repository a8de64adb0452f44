using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>Texts and numbers as JSON values, to be matched like others.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class MatchingJson : JsonSerializerContext;
