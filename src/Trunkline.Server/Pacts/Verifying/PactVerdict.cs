namespace Trunkline.Server.Pacts.Verifying;

/// <summary>What came of verifying a pact.</summary>
/// <param name="Consumer">Who expects.</param>
/// <param name="Provider">Of whom.</param>
/// <param name="Version">The version of the specification, 1 to 4.</param>
/// <param name="Interactions">What became of each interaction.</param>
public sealed record PactVerdict(string Consumer, string Provider, int Version, IReadOnlyList<PactInteractionVerdict> Interactions)
{
    /// <summary>True if nothing failed that its consumer counts on.</summary>
    public bool Success => Interactions.All(one => one.Success || one.Pending);
}

/// <summary>What became of an interaction.</summary>
/// <param name="Description">The consumer's words for it.</param>
/// <param name="States">The states before it.</param>
/// <param name="Pending">True while its consumer works on it: a failure does not count.</param>
/// <param name="Mismatches">Where the provider differs; empty if it does as expected.</param>
public sealed record PactInteractionVerdict(string Description, IReadOnlyList<string> States, bool Pending, IReadOnlyList<string> Mismatches)
{
    /// <summary>True if the provider does as expected.</summary>
    public bool Success => Mismatches.Count == 0;
}

/// <summary>A message that a provider sent.</summary>
/// <param name="Content">Its content.</param>
/// <param name="ContentType">Its content type; null if not told.</param>
/// <param name="Metadata">What is told of it: headers, id, key.</param>
public sealed record PactEmitted(ReadOnlyMemory<byte> Content, string? ContentType, IReadOnlyDictionary<string, string> Metadata);

/// <summary>Whom to verify, and how.</summary>
public sealed record PactVerifierOptions
{
    /// <summary>Where requests of the pact go; null if there is no such provider.</summary>
    public Uri? Provider { get; init; }

    /// <summary>Where the provider is told which state to be in; null for nowhere.</summary>
    public Uri? States { get; init; }

    /// <summary>Where messages are asked for by their description; null for nowhere.</summary>
    public Uri? Messages { get; init; }

    /// <summary>Messages the provider has sent: one of them has to be as expected. Null to ask for none.</summary>
    public IReadOnlyList<PactEmitted>? Emitted { get; init; }

    /// <summary>Headers for all requests to the provider, such as its own authorization.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
