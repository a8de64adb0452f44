using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trunkline.Samples.CSharpFlow;

/// <summary>What the flow needs of a mail; the rest of the body travels along in <see cref="Rest"/>.</summary>
internal sealed record Mail(string Text)
{
    /// <summary>Added by the flow.</summary>
    public Spam? Spam { get; init; }

    /// <summary>Added by the flow.</summary>
    public Sentiment? Sentiment { get; init; }

    /// <summary>Added by the flow: the message's time.</summary>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>Members this record does not name; settable, because extension data cannot go through a constructor.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Rest { get; set; }
}

/// <summary>Answer of model <c>spam</c>.</summary>
internal sealed record Spam(double Probability);

/// <summary>Answer of model <c>sentiment</c>.</summary>
internal sealed record Sentiment(double Compound);

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Mail))]
[JsonSerializable(typeof(Spam))]
[JsonSerializable(typeof(Sentiment))]
[JsonSerializable(typeof(string))]
internal sealed partial class MailJson : JsonSerializerContext;
