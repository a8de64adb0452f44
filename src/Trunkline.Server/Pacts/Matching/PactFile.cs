using System.Globalization;
using System.Text.Json;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>A state a provider has to be in before it is asked.</summary>
/// <param name="Name">The state, in the consumer's words.</param>
/// <param name="Parameters">What it needs to know; undefined for nothing.</param>
internal sealed record PactState(string Name, JsonElement Parameters);

/// <summary>One thing a consumer expects: an answer to a request, or a message.</summary>
internal sealed record PactInteraction
{
    /// <summary>What it is, in the consumer's words.</summary>
    public required string Description { get; init; }

    /// <summary>The states before it.</summary>
    public required IReadOnlyList<PactState> States { get; init; }

    /// <summary>What is asked; null for a message.</summary>
    public PactMessage? Request { get; init; }

    /// <summary>What is to be answered; null for a message.</summary>
    public PactMessage? Response { get; init; }

    /// <summary>The message; null for HTTP.</summary>
    public PactEvent? Event { get; init; }

    /// <summary>Why it cannot be verified here; null if it can.</summary>
    public string? Unsupported { get; init; }

    /// <summary>True while its consumer works on it: a failure is told and fails nothing.</summary>
    public bool IsPending { get; init; }
}

/// <summary>A message a consumer expects.</summary>
/// <param name="Content">Its content.</param>
/// <param name="Metadata">What has to be told of it.</param>
/// <param name="Rules">The rules.</param>
internal sealed record PactEvent(PactBody Content, IReadOnlyDictionary<string, string> Metadata, PactRules Rules)
{
    /// <summary>Reads a message.</summary>
    public static PactEvent Read(JsonElement message, int version)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in (string[])["metadata", "metaData"])
        {
            if (message.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.Object)
            {
                foreach (var one in told.EnumerateObject())
                {
                    metadata[one.Name] = PactValues.Text(one.Value);
                }
            }
        }

        var type = metadata.GetValueOrDefault("contentType") ?? metadata.GetValueOrDefault("content-type");
        return new PactEvent(PactBody.Read(message, "contents", type, version >= 4), metadata, PactRules.Read(message));
    }

    /// <summary>Where a message differs from what is expected. Members and metadata that nobody expects are fine.</summary>
    public IReadOnlyList<PactMismatch> Compare(ReadOnlyMemory<byte> content, string? contentType, IReadOnlyDictionary<string, string> metadata)
    {
        var wrong = PactHeaders.Compare(Rules, Metadata.Where(one => !one.Key.Equals("contentType", StringComparison.OrdinalIgnoreCase) && !one.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(StringComparer.OrdinalIgnoreCase), metadata, "metadata");
        return [.. wrong, .. PactBodyMatch.Compare(Rules, Content, content, contentType, allowsMore: true)];
    }
}

/// <summary>A pact, of any version of the specification. Immutable.</summary>
internal sealed class PactFile
{
    private PactFile(string consumer, string provider, int version, IReadOnlyList<PactInteraction> interactions) =>
        (Consumer, Provider, Version, Interactions) = (consumer, provider, version, interactions);

    /// <summary>Who expects.</summary>
    public string Consumer { get; }

    /// <summary>Of whom.</summary>
    public string Provider { get; }

    /// <summary>The version of the specification, 1 to 4.</summary>
    public int Version { get; }

    /// <summary>What is expected.</summary>
    public IReadOnlyList<PactInteraction> Interactions { get; }

    /// <summary>Reads a pact.</summary>
    /// <param name="text">Its JSON.</param>
    /// <exception cref="PactRefusal">It is none.</exception>
    public static PactFile Read(string text)
    {
        if (PactMedia.Json(text) is not { ValueKind: JsonValueKind.Object } root)
        {
            throw new PactRefusal(400, "A pact is a JSON object.");
        }

        var version = VersionOf(root);
        var interactions = Of(root, "interactions").Select(one => Read(one, version)).Concat(Of(root, "messages").Select(one => Message(one, version))).ToList();
        return interactions.Count > 0 || root.TryGetProperty("interactions", out _) || root.TryGetProperty("messages", out _)
            ? new PactFile(Name(root, "consumer"), Name(root, "provider"), version, interactions)
            : throw new PactRefusal(400, "A pact has 'interactions' or 'messages'.");
    }

    private static PactInteraction Read(JsonElement one, int version) => Text(one, "type") switch
    {
        null or "Synchronous/HTTP" => Http(one, version),
        "Asynchronous/Messages" => Message(one, version),
        var other => Named(one) with { Unsupported = $"interactions of type {other} are not verified here" },
    };

    private static PactInteraction Http(JsonElement one, int version) =>
        one.TryGetProperty("request", out var request) && request.ValueKind == JsonValueKind.Object && one.TryGetProperty("response", out var response) && response.ValueKind == JsonValueKind.Object
            ? Named(one) with { Request = PactMessage.Read(request, version), Response = PactMessage.Read(response, version) }
            : Named(one) with { Unsupported = "it has no request, or no response" };

    private static PactInteraction Message(JsonElement one, int version) => Named(one) with { Event = PactEvent.Read(one, version) };

    private static PactInteraction Named(JsonElement one) => new()
    {
        Description = Text(one, "description") ?? "",
        States = [.. StatesOf(one)],
        IsPending = one.TryGetProperty("pending", out var pending) && pending.ValueKind == JsonValueKind.True,
    };

    private static IEnumerable<PactState> StatesOf(JsonElement one)
    {
        if (one.TryGetProperty("providerStates", out var states) && states.ValueKind == JsonValueKind.Array)
        {
            return states.EnumerateArray().Where(state => Text(state, "name") is not null).Select(state => new PactState(Text(state, "name")!, state.TryGetProperty("params", out var parameters) ? parameters : default));
        }

        return (Text(one, "providerState") ?? Text(one, "provider_state")) is { Length: > 0 } name ? [new PactState(name, default)] : [];
    }

    /// <summary>The version it names; without one it is of version 2, as most of that time do not name theirs.</summary>
    private static int VersionOf(JsonElement root)
    {
        if (root.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in (string[])["pactSpecification", "pact-specification"])
            {
                if (metadata.TryGetProperty(name, out var specification) && Text(specification, "version") is { } version)
                {
                    return Major(version);
                }
            }

            if (Text(metadata, "pactSpecificationVersion") is { } old)
            {
                return Major(old);
            }
        }

        return root.TryGetProperty("messages", out _) ? 3 : 2;
    }

    private static int Major(string version) => int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? Math.Clamp(major, 1, 4) : 2;

    private static IEnumerable<JsonElement> Of(JsonElement root, string name) =>
        root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object) : [];

    private static string Name(JsonElement root, string side) => root.TryGetProperty(side, out var one) ? Text(one, "name") ?? "" : "";

    private static string? Text(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
