namespace Trunkline.Client.Publishing;

/// <summary>A message to publish. Immutable.</summary>
/// <typeparam name="T">What its body is made of.</typeparam>
/// <param name="Body">The body, sent as JSON.</param>
public sealed record OutgoingMessage<T>(T Body)
{
    /// <summary>Its id; with <see cref="Source"/> the identity by which the node recognises a repeat. Default: a new UUID, ordered by time.</summary>
    public string Id { get; init; } = Guid.CreateVersion7().ToString();

    /// <summary>What its order is kept by; null for no key.</summary>
    public string? Key { get; init; }

    /// <summary>Who produced it, a URI reference. Default <c>/</c>.</summary>
    public string Source { get; init; } = "/";

    /// <summary>What happened. Default <c>trunkline.message</c>.</summary>
    public string Type { get; init; } = "trunkline.message";

    /// <summary>The tenant it belongs to; null for none.</summary>
    public string? Tenant { get; init; }

    /// <summary>Its urgency among messages of its tenant, 0 (highest) to 9; null for the default.</summary>
    public int? Priority { get; init; }
}
