namespace Trunkline.Server.Pacts;

/// <summary>An application that takes part in pacts, as consumer, provider or both.</summary>
internal sealed record Pacticipant(string Name, DateTimeOffset CreatedAt)
{
    /// <summary>The branch that is deployed from; null if nobody has said it.</summary>
    public string? MainBranch { get; init; }
}

/// <summary>A version of a pacticipant. Later ones have a higher place.</summary>
internal sealed record PacticipantVersion(string Pacticipant, string Number, int Place, DateTimeOffset CreatedAt)
{
    /// <summary>Branches it was built on.</summary>
    public IReadOnlyList<string> Branches { get; init; } = [];

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>What a version of a consumer expects of a provider. Equal contents have one SHA, whatever the version.</summary>
internal sealed record Pact(string Consumer, string ConsumerVersion, string Provider, string Sha, DateTimeOffset CreatedAt);

/// <summary>The text of pacts.</summary>
internal sealed record PactContent(string Sha, string Text);

/// <summary>What came of verifying a content against a version of its provider.</summary>
internal sealed record PactVerification(string Sha, int Number, string Provider, string ProviderVersion, bool Success, DateTimeOffset VerifiedAt)
{
    /// <summary>Where it ran; null if not told.</summary>
    public string? BuildUrl { get; init; }
}

/// <summary>A place versions are deployed or released to.</summary>
internal sealed record PactEnvironment(Guid Id, string Name, string DisplayName, bool Production, DateTimeOffset CreatedAt)
{
    /// <summary>True when it was deleted.</summary>
    public bool Deleted { get; init; }
}

/// <summary>A version in an environment: deployed, which replaces the one before it, or released, which stays beside others.</summary>
internal sealed record PactStay(Guid Id, Guid Environment, string Pacticipant, string Version, bool Released, string? Instance, DateTimeOffset CreatedAt)
{
    /// <summary>True when it is there no more.</summary>
    public bool Ended { get; init; }
}

/// <summary>A message of the topic <c>trunkline.pacts</c>: one of these.</summary>
internal sealed record PactRecord
{
    public Pacticipant? Pacticipant { get; init; }

    public PacticipantVersion? Version { get; init; }

    public Pact? Pact { get; init; }

    public PactContent? Content { get; init; }

    public PactVerification? Verification { get; init; }

    public PactEnvironment? Environment { get; init; }

    public PactStay? Stay { get; init; }

    public PactWebhook? Webhook { get; init; }

    public PactDelivery? Delivery { get; init; }

    /// <summary>The key it replaces its predecessor under. Names come last or are bounded by a control character no name has.</summary>
    public string Key() => this switch
    {
        { Pacticipant: { } one } => $"pacticipant/{one.Name}",
        { Version: { } one } => $"version/{one.Pacticipant}\u001f{one.Number}",
        { Pact: { } one } => $"pact/{one.Consumer}\u001f{one.ConsumerVersion}\u001f{one.Provider}",
        { Content: { } one } => $"content/{one.Sha}",
        { Verification: { } one } => FormattableString.Invariant($"verification/{one.Sha}/{one.Number}"),
        { Environment: { } one } => $"environment/{one.Id:N}",
        { Stay: { } one } => $"stay/{one.Id:N}",
        { Webhook: { } one } => $"webhook/{one.Id:N}",
        { Delivery: { } one } => FormattableString.Invariant($"delivery/{one.Place}"),
        _ => throw new InvalidOperationException("A record holds nothing."),
    };
}
